"""The watch over a caller: what it records, what it decides, and that no fault of its parts costs the caller an answer."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import pytest

from agents.concerns.finding import ConcernFinder
from agents.conversation.attention import Advice, Heard
from agents.emotion.monitor import EmotionMonitor
from agents.emotion.signs import Mode
from agents.emotion.voice.default import DefaultJudge
from agents.emotion.words.reading import WordReader
from agents.line import CallerAudio
from agents.transcript import JsonValue, Turn
from ari_app.calls.record import CallFacts, CallRecord
from ari_app.calls.watch import CallWatch, WatchDeps
from handoff.records.memory import MemoryRecords
from handoff.rules.ruleset import RuleSet

ANGRY = "this is ridiculous I have called three times and nobody helps me"
CALM = "what are your opening hours please"


@pytest.fixture(scope="module")
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


class Bench:
    """A call under watch."""

    def __init__(
        self, executor: ThreadPoolExecutor, mode: Mode = "text", rules: RuleSet | None = None, queue: Mapping[str, JsonValue] | None = None
    ) -> None:
        self.record = CallRecord(CallFacts("c1", "ch1", "PJSIP/1", "front-desk", "100", "5550100"), MemoryRecords())
        self.seen: list[tuple[str, Mapping[str, JsonValue]]] = []
        plain = self.record.event

        def keep(kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
            self.seen.append((kind, data))
            plain(kind, at, data)

        self.record.event = keep  # type: ignore[method-assign]
        rule_set = rules or RuleSet.load()
        self.watch = CallWatch(
            self.record,
            WatchDeps(
                monitor=lambda facts: EmotionMonitor(mode, readers=cache(WordReader), judge=DefaultJudge(), executor=executor),
                concerns=cache(ConcernFinder),
                rules=lambda number, agent: rule_set,
                notices={},
                queue_facts=lambda name: queue or {},
            ),
        )
        self.put_through: list[tuple[str, str, str]] = []
        self.watch.connect(lambda queue, reason, say: self.put_through.append((queue, reason, say)))
        self._said = 0

    async def says(self, text: str, known: Mapping[str, str] | None = None, audio: tuple[CallerAudio, ...] = ()) -> Advice:
        self._said += 1
        now = time.monotonic()
        heard = Heard(self._said, 1, text, audio, now - 1.5, now)
        self.watch.glance(heard)
        await asyncio.sleep(0.05)
        turn = Turn(self._said, "caller", text, text, heard.started_at, heard.ended_at)
        self.watch.sink.turn(turn)
        return await self.watch.attention.answer(heard, turn, known or {})

    def of(self, kind: str) -> list[Mapping[str, JsonValue]]:
        return [data for each, data in self.seen if each == kind]


async def test_a_calm_turn_is_recorded_and_changes_nothing(executor: ThreadPoolExecutor) -> None:
    bench = Bench(executor)
    assert await bench.says(CALM) == Advice()
    [data] = bench.of("emotion")
    assert (data["turn"], data["label"], data["method"]) == (1, "calm", "text")
    assert not bench.of("escalation_rule")


async def test_an_angry_caller_is_put_through_before_the_third_angry_turn(executor: ThreadPoolExecutor) -> None:
    bench = Bench(executor)
    advices = [await bench.says(CALM), await bench.says(ANGRY), await bench.says("I am fed up with this, it is unacceptable")]
    passed = [advice.pass_on for advice in advices]
    assert passed[0] is None
    found = next(each for each in passed if each is not None)
    assert found.reason == "frustrated"
    assert found.say
    decision = next(data for data in bench.of("escalation_rule") if data["act"] == "escalate")
    assert decision["grounds"]
    after_ms = decision["after_ms"]
    assert isinstance(after_ms, int)
    assert after_ms >= 0


async def test_no_words_of_the_caller_are_in_its_events(executor: ThreadPoolExecutor) -> None:
    bench = Bench(executor)
    await bench.says("my secret is xylophone and " + ANGRY)
    assert bench.seen
    assert "xylophone" not in str(bench.seen)


async def test_a_concern_is_recorded_and_acted_on(executor: ThreadPoolExecutor) -> None:
    bench = Bench(executor)
    advice = await bench.says("I am going to talk to my lawyer and take you to court")
    assert [data["name"] for data in bench.of("concern")] == ["legal_threat"]
    assert advice.pass_on is not None
    assert advice.pass_on.reason == "legal_threat"


async def test_rules_in_shadow_only_write_down(executor: ThreadPoolExecutor) -> None:
    bench = Bench(executor, rules=RuleSet.load().in_shadow())
    assert await bench.says("I am going to talk to my lawyer and take you to court") == Advice()
    assert bench.of("escalation_rule")[0]["shadow"] is True


async def test_what_goes_wrong_outside_of_turns_puts_the_caller_through_too(executor: ThreadPoolExecutor) -> None:
    rules = RuleSet.load(
        {"rules": {"silent": {"when": {"events": {"count": "no_input", "at_least": 2}}, "act": "escalate", "queue": "care"}}}
    )
    bench = Bench(executor, rules=rules)
    bench.watch.sink.event("no_input", time.monotonic(), {})
    assert bench.put_through == []
    bench.watch.sink.event("no_input", time.monotonic(), {})
    assert [(queue, reason) for queue, reason, _ in bench.put_through] == [("care", "silent")]


async def test_facts_and_queue_are_recorded_when_a_rule_reads_them_and_only_when_they_change(executor: ThreadPoolExecutor) -> None:
    rules = RuleSet.load(
        {
            "rules": {
                "vip": {
                    "when": {"all": [{"fact": {"name": "tier", "is": "gold"}}, {"queue": {"measure": "members_free", "at_least": 1}}]},
                    "act": "flag",
                }
            }
        }
    )
    queue: Mapping[str, Any] = {"queue": "support", "waiting": 0, "members_free": 1, "expected_wait_s": 0.0}
    bench = Bench(executor, rules=rules, queue=queue)
    for _ in range(2):
        await bench.says(CALM, {"tier": "gold", "order_number": "12345"})
    assert bench.of("facts") == [{"tier": "gold"}], "the order number is none of the rules' business"
    assert bench.of("queue") == [queue]
    assert [data["rule"] for data in bench.of("flagged")] == ["vip"]


async def test_the_voice_is_judged_only_after_the_notice(executor: ThreadPoolExecutor) -> None:
    bench = Bench(executor, "audio")
    noise = (np.random.default_rng(1).standard_normal(32_000) * 2000).astype(np.int16)
    audio = (CallerAudio(time.monotonic() - 2, noise),)
    assert "tone of your voice" in bench.watch.notice("en")
    assert "tono de su voz" in bench.watch.notice("es")
    await bench.says(CALM, audio=audio)
    assert _allowed(bench.watch) is False
    bench.watch.announced(time.monotonic())
    assert bench.of("emotion_notice") == [{}]
    assert bench.watch.notice("en") == "", "once is enough for a call"
    assert _allowed(bench.watch) is True
    bench.watch.close()


@pytest.mark.parametrize(("mode", "notices"), [("text", 1), ("audio", 2)])
async def test_a_recording_is_announced_before_the_judging_of_voices(executor: ThreadPoolExecutor, mode: Mode, notices: int) -> None:
    bench = Bench(executor, mode)
    begun: list[str] = []
    bench.record.on_recordable = lambda: begun.append(bench.record.recording_consent)
    bench.record.recording_awaits = "notice"
    notice = bench.watch.notice("en")
    assert notice.startswith("This call is recorded.")
    assert notice.count(".") == notices
    assert bench.watch.notice("es").startswith("Esta llamada se graba.")
    assert begun == []
    bench.watch.announced(time.monotonic())
    assert begun == ["announced"]
    assert len(bench.of("recording_announced")) == 1
    assert bench.watch.notice("en") == "", "once is enough for a call"
    bench.watch.announced(time.monotonic())
    assert len(begun) == 1
    bench.watch.close()


async def test_once_a_person_has_joined_the_voice_is_no_longer_judged(executor: ThreadPoolExecutor) -> None:
    bench = Bench(executor, "audio")
    bench.watch.announced(time.monotonic())
    bench.watch.stop_voice()
    assert bench.watch.notice("en") == "", "what does not happen is not announced"
    noise = (np.random.default_rng(1).standard_normal(32_000) * 2000).astype(np.int16)
    await bench.says(CALM, audio=(CallerAudio(time.monotonic() - 2, noise),))
    assert [data["method"] for data in bench.of("emotion")] == ["text"]


@pytest.mark.parametrize("mode", ["off", "text"])
async def test_without_the_voice_nothing_is_announced(executor: ThreadPoolExecutor, mode: Mode) -> None:
    bench = Bench(executor, mode)
    assert bench.watch.notice("en") == ""
    await bench.says(ANGRY)
    assert bool(bench.of("emotion")) == (mode == "text")


async def test_a_broken_part_costs_the_caller_nothing(executor: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(executor)

    class Broken:
        def find(self, text: str) -> tuple[()]:
            raise RuntimeError("told to break")

    bench.watch._deps = WatchDeps(**{**_fields(bench.watch._deps), "concerns": lambda language: Broken()})
    assert await bench.says(CALM) == Advice()
    assert "turn_not_judged" in caplog.text


def _allowed(watch: CallWatch) -> bool:
    return watch._monitor.voice_allowed


def _fields(deps: WatchDeps) -> dict[str, Any]:
    return {name: getattr(deps, name) for name in WatchDeps.__slots__}

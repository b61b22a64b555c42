from collections import Counter

import numpy as np
import pytest

from tests.bench.turns.agent import COLLECTING, Place, bench_agent, said_at
from tests.bench.turns.events import OVER_AGENT, Call, Kind
from tests.bench.turns.plan import EARLY_S, GREETING_S, INTERRUPT_S, SCENES_PER_CALL, SURVIVE_AT, Size, plan, wants
from tests.bench.turns.sounds import KINDS, Pause, Sound


def catalogue() -> list[Sound]:
    sounds = []
    for kind in KINDS:
        for voice in ("rhvoice:alan", "flite:rms", "person:allison"):
            for each in range(12):
                pauses = (Pause(0.5, 0.2 + 0.1 * each),) if kind in ("paused", "digits", "address") else ()
                name = f"{kind}-{voice}-{each}"
                sounds.append(Sound(name, kind, "words", np.zeros(8000, dtype=np.int16), voice, "made", pauses, 0.0, 1.0))
    return sounds


SOUNDS = catalogue()


def planned(seed: int = 1, size: Size = "full", **more: object) -> list[Call]:
    return plan(SOUNDS, seed=seed, size=size, **more)  # type: ignore[arg-type]


def counts(calls: list[Call]) -> Counter[Kind]:
    return Counter(event.kind for call in calls for event in call.events)


def test_same_seed_same_events() -> None:
    assert planned() == planned()
    assert plan(SOUNDS[::-1], seed=1, size="full") == planned()


def test_another_seed_other_moments_and_sounds() -> None:
    one, other = planned(), planned(seed=2)
    assert counts(one) == counts(other)
    assert one != other


def test_leaving_kinds_out_changes_nothing_in_the_others() -> None:
    def moments(calls: list[Call]) -> dict[str, tuple[str, float]]:
        events = {event.id: event for call in calls for event in call.events if event.kind in (Kind.BACKCHANNEL, Kind.FINISHED)}
        return {name: (event.sound, event.at_s) for name, event in events.items()}

    assert moments(planned(only=(Kind.BACKCHANNEL, Kind.FINISHED))) == moments(planned())


def test_full_size_holds_what_the_bounds_ask_for() -> None:
    calls = planned()
    found = counts(calls)
    clean = counts([call for call in calls if call.condition.name == "clean"])
    assert clean[Kind.INTERRUPT] >= 200
    assert found[Kind.BACKCHANNEL] + found[Kind.NOISE] >= 200
    weak = [call for call in calls if call.condition.echo_db is not None and call.condition.echo_db <= -15]
    assert counts(weak)[Kind.LISTEN] >= 200
    assert {call.condition.echo_db for call in weak} == {-15.0, -20.0, -30.0}
    assert {call.condition.echo_ms for call in weak} >= {20.0, 200.0}
    assert {call.condition.loss for call in calls} >= {0.01, 0.02, 0.03}


def test_every_event_has_a_name_of_its_own() -> None:
    events = [event.id for call in planned() for event in call.events]
    assert len(events) == len(set(events))


def test_n_replaces_every_count() -> None:
    rows = [want for want in wants() if want.count("quick")]
    assert sum(counts(planned(size="quick", n=2)).values()) == 2 * len(rows)


def test_moments_lie_where_they_should() -> None:
    calls = planned()
    interruptions = [event.at_s for call in calls for event in call.events if event.kind is Kind.INTERRUPT]
    assert all(0 <= at <= INTERRUPT_S for at in interruptions)
    assert sum(at <= EARLY_S for at in interruptions) >= len(interruptions) / 5
    for call in calls:
        for scene in call.scenes:
            if scene.events[0].kind in (Kind.BACKCHANNEL, Kind.NOISE):
                assert all(low <= event.at_s <= high for event, (low, high) in zip(scene.events, SURVIVE_AT, strict=False))


def test_greeting_is_interrupted_and_only_as_the_first_scene_of_a_call() -> None:
    calls = planned()
    greeted = [call.scenes[0] for call in calls if call.scenes[0].place is Place.GREETING]
    assert len(greeted) >= 40
    assert all(scene.events[0].at_s <= GREETING_S for scene in greeted)
    assert all(scene.place is not Place.GREETING for call in calls for scene in call.scenes[1:])
    assert all(len(call.scenes) <= SCENES_PER_CALL for call in calls)


def test_a_few_events_take_all_voices_and_lengths_of_pauses_in_turn() -> None:
    by_name = {sound.name: sound for sound in SOUNDS}
    chosen = [by_name[event.sound] for call in planned(size="quick") for event in call.events if event.kind is Kind.PAUSE]
    assert len({round(sound.pauses[0].length_s, 1) for sound in chosen}) >= 6
    assert len({sound.voice for sound in chosen}) == 3


def test_materials_that_are_missing_are_left_out() -> None:
    synthetic = [sound for sound in SOUNDS if not sound.human]
    events = [event for call in plan(synthetic, seed=1, size="quick") for event in call.events]
    assert events
    assert all("person" not in event.sound for event in events)


def test_line_of_a_condition() -> None:
    lines = {call.condition.name: call.condition.line(3) for call in planned()}
    assert lines["quiet"].speech_gain_db == pytest.approx(-14)
    assert lines["line-noise"].noise_dbov == -38
    assert lines["snr-5"].noise_dbov == -25
    echo = lines["echo-15-110ms"].echo
    assert echo is not None
    assert (echo.attenuation_db, echo.delay_ms) == (15, 110)
    loss = lines["loss-3"].loss
    assert loss is not None
    assert loss.share == pytest.approx(0.03)


def test_every_place_can_be_reached_and_left() -> None:
    agent = bench_agent()
    for place in Place:
        assert said_at(place)
    keys = {key for node in agent.nodes.values() for key in getattr(node, "keys", {})}
    assert keys == {place.value for place in Place} - {""}
    assert {Place.NUMBER, Place.DIGIT} == COLLECTING
    assert {Kind.INTERRUPT, Kind.BACKCHANNEL} <= OVER_AGENT


def test_answers_that_are_interrupted_are_long_enough_and_begin_differently() -> None:
    assert all(len(text) / 20 > INTERRUPT_S + 4 for text in said_at(Place.LONG))
    assert len({text.split()[1] for text in said_at(Place.LONG)}) == len(said_at(Place.LONG))

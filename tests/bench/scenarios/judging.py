"""Whether a call did what its caller came for: by the shop's database, and by the records of the call. Pure.

Of its own data exactly what the caller wanted has changed, nothing more. Where nothing is to be changed, the facts were really said:
they are in the words of the agent's turns that the caller heard to their end.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agents.wording import FORMATS, spoken_text
from tests.bench.scenarios.case import Case, Scenario
from tests.bench.scenarios.heard import same_address, tokens

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
_MOST_OF_EVENT: Final = 240
OLD_ADDRESS: Final = "1 Old Street"
_STATUS: Final = {"shipped": "on its way", "processing": "prepared", "delivered": "delivered", "cancelled": "cancelled"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """The service's own record of a call."""

    outcome: str = ""
    reason: str = ""
    queue: str = ""
    """Of a handover."""
    turns: Sequence[Mapping[str, Any]] = ()
    events: Sequence[Mapping[str, Any]] = ()

    @property
    def heard(self) -> str:
        """All of the agent's words that reached the caller."""
        return " ".join(str(turn["heard"] or "") for turn in self.turns if turn["who"] == "agent")

    def lines(self) -> list[str]:
        return [f"{turn['started_ms'] / 1000:.1f} {turn['who']}: {turn['text']}" for turn in self.turns]

    def told(self) -> list[str]:
        """What happened, a line each."""
        return [f"{event['at_ms'] / 1000:.1f} {event['kind']} {json.dumps(event['data'])[:_MOST_OF_EVENT]}" for event in self.events]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``problems`` empty: success."""

    problems: list[str] = field(default_factory=list)

    @property
    def success(self) -> bool:
        return not self.problems


def judge(case: Case, rows: Rows, recorded: Recorded | None, device: Mapping[str, str]) -> Verdict:
    """``rows``: the caller's own data after the call; ``device``: what the shop says about their device."""
    if recorded is None:
        return Verdict(["no record of the call"])
    problems = [*_data(case, rows), *_words(case, recorded.heard, device), *_end(case, recorded)]
    return Verdict(problems)


def _data(case: Case, rows: Rows) -> list[str]:
    wanted, facts = expected(case), case.facts
    found: dict[str, Any] = {
        "refunds": [row["amount"] for row in rows["refunds"]],
        "payments": [(row["amount"], row["last4"]) for row in rows["payments"]],
        "appointments": [row["at"] for row in rows["appointments"] if not row["cancelled"]],
        "links": sum(row["links_sent"] for row in rows["links"]),
        "callbacks": len(rows["callbacks"]),
    }
    problems = [f"{table}: {found[table]}, not {want}" for table, want in wanted.items() if found[table] != want]
    if "order" in facts and not rows["orders"]:
        return [*problems, "the order is gone"]
    if "order" in facts:
        problems += _address(case, str(rows["orders"][0]["address"]))
    return problems


def expected(case: Case) -> dict[str, Any]:
    """The caller's own data after a call that did all that they wanted."""
    facts, scenario = case.facts, case.scenario
    visits = [facts["at"]] if "at" in facts else []
    return {
        "refunds": [facts["total"]] if scenario is Scenario.REFUND else [],
        "payments": [(facts["total"], facts["card"][-4:])] if scenario is Scenario.PAYMENT else [],
        "appointments": visits,
        "links": int(scenario is Scenario.PASSWORD_RESET),
        "callbacks": int(facts.get("callback") == "yes"),
    }


def _address(case: Case, stored: str) -> list[str]:
    wanted = case.facts["street"] if case.scenario is Scenario.ADDRESS_CHANGE else OLD_ADDRESS
    return [] if same_address(stored, wanted) else [f"address: {stored!r}, not {wanted!r}"]


def _words(case: Case, heard: str, device: Mapping[str, str]) -> list[str]:
    said = set(_plain(heard))
    return [f"not said: {fact}" for fact in facts_to_say(case, device) if not set(_plain(fact)) <= said]


def facts_to_say(case: Case, device: Mapping[str, str]) -> list[str]:
    """In the words in which an agent would say them."""
    facts = case.facts
    match case.scenario:
        case Scenario.ORDER_STATUS:
            day = FORMATS["date"](facts["expected"], "en") if facts["expected"] else ""
            return [facts["item"], _STATUS[facts["status"]], *([day] if day else [])]
        case Scenario.OUTAGE:
            back = FORMATS["time"](facts["back"][-5:], "en") if facts["back"] else ""
            return [facts["message"], *([back] if back else [])]
        case Scenario.DEVICE_HELP:
            return [device.get("meaning", "?"), device.get("advice", "?")]
        case _:
            return []


def _plain(text: str) -> list[str]:
    return tokens(spoken_text(text))


def _end(case: Case, recorded: Recorded) -> list[str]:
    """Handovers that were wanted, and those that were not."""
    handed_over = recorded.outcome == "handover"
    match case.scenario:
        case Scenario.REFUND_OVER_LIMIT | Scenario.ANGRY:
            right = handed_over and recorded.queue == "support"
        case Scenario.LANGUAGE:
            right = handed_over and recorded.queue == "support-es"
        case Scenario.SILENCE:
            right = handed_over or recorded.outcome == "goodbye"
        case Scenario.WRONG_NUMBER:
            right = recorded.outcome == "goodbye" or recorded.reason == "wrong_number"
        case _:
            right = not handed_over
    if right:
        return []
    return [f"ended with {recorded.outcome} {recorded.reason} {recorded.queue}".rstrip()]


def failure(verdict: Verdict, ended: str, recorded: Recorded | None) -> str:
    """The kind of a failed call, one of few."""
    if recorded is None:
        return "no record"
    if recorded.outcome == "handover" and any(problem.startswith("ended with handover") for problem in verdict.problems):
        return f"given to a person: {recorded.reason}"
    if ended.startswith(("asked too often", "not understood", "going in circles")):
        return f"caller gave up: {ended}"
    if ended.startswith("longer than"):
        return "too long"
    if any(problem.startswith(("address", "appointments", "refunds", "payments")) for problem in verdict.problems):
        return "done wrong, or not at all"
    if any(problem.startswith("not said") for problem in verdict.problems):
        return "facts not said"
    return ended or "other"

"""Facts, wordings, and that the agents were not taught them."""

import random
from collections import Counter
from datetime import date, datetime

import pytest

from agents.library import load_agent
from ari_app.harbor_home.visit_times import refusal
from handoff.redaction import luhn_valid
from tests.bench.scenarios.case import TEN, Case, Scenario
from tests.bench.scenarios.cases import VOICES, Purpose, cases
from tests.bench.scenarios.unseen import shipped_definitions, taught
from tests.bench.scenarios.wordings import Wordings, fill, text_of

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def whole() -> list[Case]:
    return cases(tuple(Scenario), 20, seed=1, purpose="report", today=TODAY)


def test_every_scenario_comes_so_often_and_in_turn(whole: list[Case]) -> None:
    assert set(Counter(case.scenario for case in whole).values()) == {20}
    assert [case.scenario for case in whole[: len(Scenario)]] == list(Scenario)
    assert len(TEN) == 10


def test_nobody_meets_what_another_call_changes(whole: list[Case]) -> None:
    for name in ("order", "postcode", "at"):
        values = [case.facts[name] for case in whole if name in case.facts]
        assert values
        assert len(set(values)) == len(values), name
    assert len({case.phone for case in whole}) == len(whole)
    wanted = [at for case in whole for name in ("at", "booked") if (at := case.facts.get(name))]
    assert len(set(wanted)) == len(wanted)


def test_the_same_seed_makes_the_same_calls_and_another_one_others(whole: list[Case]) -> None:
    assert cases(tuple(Scenario), 20, seed=1, purpose="report", today=TODAY) == whole
    assert cases(tuple(Scenario), 20, seed=2, purpose="report", today=TODAY) != whole


def test_facts_are_such_that_the_goal_can_be_reached(whole: list[Case]) -> None:
    now = datetime.combine(TODAY, datetime.min.time())
    for case in whole:
        match case.scenario:
            case Scenario.REFUND:
                assert float(case.facts["total"]) < 100
            case Scenario.REFUND_OVER_LIMIT:
                assert float(case.facts["total"]) > 100
            case Scenario.PAYMENT:
                assert luhn_valid(case.facts["card"])
                assert case.facts["expiry"][2:] > f"{TODAY.year % 100}"
            case Scenario.APPOINTMENT:
                assert refusal(datetime.fromisoformat(case.facts["at"]), now) == ""
            case _:
                pass


def test_voices_vary_and_none_is_the_agents_own(whole: list[Case]) -> None:
    for scenario in Scenario:
        assert len({case.voice for case in whole if case.scenario is scenario}) == len(VOICES["report"])
    assert not any("bdl" in voice for voices in VOICES.values() for voice in voices)
    assert any(case.digits_by for case in whole)


def test_a_card_is_not_written_down(whole: list[Case]) -> None:
    paying = next(case for case in whole if case.scenario is Scenario.PAYMENT)
    assert paying.facts["card"] not in str(paying.to_json())
    assert paying.facts["cvc"] not in {str(value) for value in dict(paying.to_json()["facts"]).values()}


@pytest.mark.parametrize("purpose", ["tune", "report"])
def test_every_wording_can_be_said_by_every_caller(purpose: Purpose) -> None:
    wordings, chance = Wordings.load(purpose), random.Random(3)
    for case in cases(TEN, 20, seed=4, purpose=purpose, today=TODAY):
        for attempt in range(3):
            said = text_of(fill(wordings.opening(case, attempt, chance), case, chance, TODAY))
            assert "{" not in said
            assert any(letter.isalpha() for letter in said)


def test_days_are_said_so_that_they_can_be_told_from_others() -> None:
    facts = {"at": "2026-12-01T13:00", "wish": "book", "purpose": "repair"}
    case = Case(Scenario.APPOINTMENT, 0, "seed", "rhvoice:slt", "5571234", facts)
    forms = {text_of(fill("{day} at {time}", case, random.Random(seed), TODAY)) for seed in range(60)}
    assert all("first" in form for form in forms)
    assert all("one" in form for form in forms)
    assert len(forms) > 6


def test_both_sets_have_openings_of_their_own() -> None:
    tune, report = Wordings.load("tune").openings, Wordings.load("report").openings
    assert tune.keys() == report.keys()
    assert not {text for texts in tune.values() for text in texts} & {text for texts in report.values() for text in texts}


def test_what_an_agent_was_taught_is_found() -> None:
    refund = load_agent("refund")
    example = refund.intents["refund"].examples[0]
    assert taught([f"{example}, please"], [refund])
    assert taught(["money back"], [refund])
    assert not taught(["My goldfish has opinions about the weather."], [refund])


def test_no_opening_is_an_example_or_phrase_of_the_agents_that_ship() -> None:
    definitions = shipped_definitions()
    for purpose in ("tune", "report"):
        openings = [text for texts in Wordings.load(purpose).openings.values() for text in texts]
        assert taught(openings, definitions) == {}


def test_leaving_out_everything_is_refused() -> None:
    everything = frozenset(Wordings.load("tune").openings["outage"])
    with pytest.raises(ValueError, match="outage"):
        Wordings.load("tune", leave_out=everything)

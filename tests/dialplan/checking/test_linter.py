"""Configurations with a real mistake each, all found with line and remedy; and sound ones, in which nothing is."""

import pytest

from tests.dialplan.checking.configuration_cases import Case, base, cases

BROKEN = cases("broken.txt")
GOOD = cases("good.txt")


def test_there_are_enough_of_both() -> None:
    assert len(BROKEN) >= 30 and len(GOOD) >= 30
    for some in (BROKEN, GOOD):
        assert len({case.name for case in some}) == len(some)


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_mistake_is_found_with_its_line_and_a_remedy(case: Case) -> None:
    found = case.findings()
    assert case.expected, "a case says what is to be found"
    for file, on_line, words in case.expected:
        line = case.line_of(file, on_line)
        fitting = [one for one in found if one.at.file == file and words in one.what]
        assert fitting, [str(one) for one in found]
        if file != "routes.yaml":
            assert line in {one.at.line for one in fitting}, (line, [str(one) for one in fitting])
        assert all(one.at.line or not on_line for one in fitting)
        assert all(len(one.remedy) > 10 for one in fitting)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_nothing_is_found_in_a_sound_configuration(case: Case) -> None:
    assert [str(one) for one in case.findings()] == []


def test_the_base_of_all_cases_is_sound() -> None:
    case = Case("base", base())
    assert [str(one) for one in case.findings()] == []

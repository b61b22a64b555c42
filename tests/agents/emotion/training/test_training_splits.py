"""Nobody is tested who was trained on, whatever the speakers, the seed and the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.training.errors import TooFew
from agents.emotion.training.splits import FEWEST, FEWEST_TESTED, FEWEST_TRAINED, folds, split, split_by_names

names = st.sets(st.text("abcdef0123456789:", min_size=1, max_size=6), min_size=FEWEST, max_size=40)


@given(speakers=names, seed=st.integers(), share=st.floats(0.01, 0.99), order=st.randoms())
def test_a_split_never_mixes_speakers(speakers: set[str], seed: int, share: float, order: object) -> None:
    found = split(speakers, seed, share)
    assert found.trained.isdisjoint(found.tested)
    assert found.trained | found.tested == speakers
    assert len(found.trained) >= FEWEST_TRAINED
    assert len(found.tested) >= FEWEST_TESTED
    shuffled = sorted(speakers, key=lambda _: order.random())  # type: ignore[attr-defined]
    assert split([*shuffled, *shuffled], seed, share) == found


@given(speakers=names, seed=st.integers(), count=st.integers(2, 10))
def test_folds_test_everybody_once_and_never_mix(speakers: set[str], seed: int, count: int) -> None:
    parts = folds(speakers, count, seed)
    assert len(parts) == min(count, len(speakers))
    assert sorted(who for part in parts for who in part.tested) == sorted(speakers)
    for part in parts:
        assert part.trained == speakers - part.tested
        assert part.tested


def test_the_seed_chooses() -> None:
    people = [f"ravdess:{number:02}" for number in range(24)]
    assert len({split(people, seed).tested for seed in range(10)}) > 5


def test_a_quarter_is_tested() -> None:
    assert len(split([str(number) for number in range(24)], 1).tested) == 6


@pytest.mark.parametrize(("count", "said"), [(5, "5 speakers"), (1, "1 speaker"), (0, "0 speakers")])
def test_too_few_speakers(count: int, said: str) -> None:
    with pytest.raises(TooFew, match=rf"{said}: at least {FEWEST} are needed.*add clips of other people, or another corpus"):
        split([str(number) for number in range(count)], 0)


def test_speakers_by_name() -> None:
    people = [f"{corpus}:{number}" for corpus in ("a", "b") for number in range(4)]
    assert split_by_names(people, ["1", "b:2"]).tested == {"a:1", "b:1", "b:2"}


def test_a_name_that_nobody_has() -> None:
    with pytest.raises(TooFew, match="--test-speakers: nobody is called 9; there are: a:0, a:1"):
        split_by_names([f"a:{number}" for number in range(6)], ["1", "9"])


@pytest.mark.parametrize("tested", [["1"], ["0", "1", "2"]])
def test_names_must_leave_enough_on_both_sides(tested: list[str]) -> None:
    with pytest.raises(
        TooFew, match=r"--test-speakers leaves . speakers to train on and . speakers? to test on; at least 4 and 2 are needed"
    ):
        split_by_names([f"a:{number}" for number in range(6)], tested)

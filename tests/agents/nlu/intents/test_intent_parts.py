"""What the intent model is made of: features, vectors, the two solvers, calibration, the language's lists."""

from collections import Counter

import numpy as np
import pytest

from agents.nlu.intents import descent, ridge
from agents.nlu.intents.calibration import Calibration, calibrate
from agents.nlu.intents.features import VIEW_WEIGHTS, extractor
from agents.nlu.intents.language import Language, LanguageError, language
from agents.nlu.intents.targets import NOBODY, targets
from agents.nlu.intents.vectors import Floats, Vector, Vocabulary, cosines, products
from tests.agents.nlu.intents.shop import EXAMPLES

EXTRACT = extractor("en")
SENTENCES = [(text, label) for label, texts in enumerate(EXAMPLES.values()) for text in texts]
LABELS = [label for _, label in SENTENCES]
INTENTS = len(EXAMPLES)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary([EXTRACT(text) for text, _ in SENTENCES])


@pytest.fixture(scope="module")
def vectors(vocabulary: Vocabulary) -> list[Vector]:
    return [vocabulary.vector(EXTRACT(text)) for text, _ in SENTENCES]


def scores(weights: Floats, vectors: list[Vector]) -> Floats:
    return np.array([values @ weights[columns] for columns, values in vectors])


def test_the_first_view_holds_words_and_their_neighbours() -> None:
    words, _, _ = EXTRACT("Um, where's the order?")
    assert words == Counter(["where", "is", "the", "order", "< where", "where is", "is the", "the order", "order >"])


def test_pieces_show_where_words_end() -> None:
    _, pieces, _ = EXTRACT("no")
    assert pieces == Counter(["_n", "no", "o_", "_no", "no_", "_no_"])


@pytest.mark.parametrize(("said", "heard"), [("time zone", "timezone"), ("phone", "fone"), ("our", "hour"), ("see", "sea")])
def test_what_sounds_alike_shares_its_sounds(said: str, heard: str) -> None:
    assert EXTRACT(said)[2] == EXTRACT(heard)[2]


def test_a_sentence_without_words_has_no_features() -> None:
    assert not any(EXTRACT("…"))


def test_every_view_has_its_length_and_the_bias_stands_last(vocabulary: Vocabulary, vectors: list[Vector]) -> None:
    for columns, values in vectors:
        assert columns[-1] == vocabulary.size
        assert len(set(columns.tolist())) == len(columns)
        assert values[:-1] @ values[:-1] == pytest.approx(sum(weight**2 for weight in VIEW_WEIGHTS), rel=1e-5)


def test_rare_words_weigh_more_than_common_ones() -> None:
    vocabulary = Vocabulary([EXTRACT(text) for text in ("the lamp", "the door", "the lock")])
    the_lamp = vocabulary.vector((Counter(["the", "lamp"]), Counter(), Counter()))
    the = vocabulary.vector((Counter(["the"]), Counter(), Counter())).columns[0]
    assert the_lamp.values[the_lamp.columns == the] < the_lamp.values[the_lamp.columns != the][0]


def test_foreign_words_take_their_share_of_the_length(vocabulary: Vocabulary) -> None:
    plain, diluted = (vocabulary.vector(EXTRACT(text)).values[:-1] for text in ("refund", "refund xylophone zzz qqq"))
    assert diluted @ diluted < plain @ plain


def test_unknown_words_and_silence_have_only_the_bias(vocabulary: Vocabulary) -> None:
    assert vocabulary.silence().columns.tolist() == [vocabulary.size]
    assert vocabulary.vector(EXTRACT("жук")).columns.tolist() == [vocabulary.size]


def test_products_are_those_of_the_spread_out_vectors(vocabulary: Vocabulary, vectors: list[Vector]) -> None:
    many = vectors * 12  # more than a block
    dense = np.zeros((len(many), vocabulary.size + 1), dtype=np.float32)
    for row, (columns, values) in enumerate(many):
        dense[row, columns] = values
    found = products(vectors, many, vocabulary.size)
    np.testing.assert_allclose(found, dense[: len(vectors)] @ dense.T, atol=1e-5)
    np.testing.assert_allclose(np.diag(cosines(found)), 1, atol=1e-5)


def test_the_exact_solver_tells_what_a_model_without_the_sentence_would_score(vocabulary: Vocabulary, vectors: list[Vector]) -> None:
    _, unseen = ridge.solve(vectors, LABELS, INTENTS, vocabulary.size)
    for left_out in (0, 7, len(vectors) - 1):
        rest = [row for row in range(len(vectors)) if row != left_out]
        weights, _ = ridge.solve([vectors[row] for row in rest], [LABELS[row] for row in rest], INTENTS, vocabulary.size)
        np.testing.assert_allclose(scores(weights, [vectors[left_out]])[0], unseen[left_out], atol=1e-4)


def test_both_solvers_know_their_examples_and_agree(vocabulary: Vocabulary, vectors: list[Vector]) -> None:
    exact, _ = ridge.solve(vectors, LABELS, INTENTS, vocabulary.size)
    stepwise, _, _ = descent.solve(vectors, LABELS, INTENTS, vocabulary.size)
    for weights in (exact, stepwise):
        assert scores(weights, vectors).argmax(axis=1).tolist() == LABELS
    assert np.corrcoef(scores(exact, vectors).ravel(), scores(stepwise, vectors).ravel())[0, 1] > 0.97


def test_the_stepwise_solver_scores_a_fifth_before_it_learns_from_them(vocabulary: Vocabulary, vectors: list[Vector]) -> None:
    weights, unseen, rows = descent.solve(vectors, LABELS, INTENTS, vocabulary.size)
    assert len(rows) == len(set(rows)) == len(unseen) == -(-len(vectors) // 5)
    own = np.array([LABELS[row] for row in rows])
    afterwards = scores(weights, [vectors[row] for row in rows])
    assert (afterwards[np.arange(len(rows)), own] > unseen[np.arange(len(rows)), own]).all()


def test_targets_of_somebody_and_of_nobody() -> None:
    assert targets([1, NOBODY], 3).tolist() == [[-1, 1, -1], [-1, -1, -1]]


def test_probabilities_add_up_and_follow_the_scores() -> None:
    found = Calibration(sharpness=4, nobody=0).probabilities(np.array([[1, -1], [-1, -1]], dtype=np.float32))
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert found[0].argmax() == 0
    assert found[1].argmax() == 2


def draw(count: int, sharpness: float, nobody: float) -> tuple[Floats, list[int]]:
    """Scores, and labels drawn with the probabilities that such a calibration gives them."""
    dice = np.random.default_rng(3)
    made = dice.normal(-0.5, 0.5, (count, 4)).astype(np.float32)
    shares = Calibration(sharpness, nobody).probabilities(made)
    chosen = [int(dice.choice(5, p=share / share.sum())) for share in shares.astype(np.float64)]
    return made, [NOBODY if label == 4 else label for label in chosen]


@pytest.mark.parametrize("sharpness", [2.0, 5.0, 9.0])
def test_calibration_finds_the_sharpness_that_the_labels_were_drawn_with(sharpness: float) -> None:
    made, labels = draw(6000, sharpness, 0.0)
    assert calibrate(made, labels).sharpness == pytest.approx(sharpness, rel=0.15)


def test_one_known_sentence_in_twenty_is_below_the_least_confidence() -> None:
    made, labels = draw(6000, 9.0, -2.0)
    found = calibrate(made, labels)
    best = found.probabilities(made[np.array(labels) != NOBODY])[:, :-1].max(axis=1)
    assert 0.3 < found.least < 0.5
    assert (best < found.least).mean() == pytest.approx(0.05, abs=0.005)


def test_nothing_to_calibrate_on_leaves_the_usual_values() -> None:
    found = calibrate(np.full((1, 3), -1, dtype=np.float32), [NOBODY])
    assert found.least == 0.5
    assert 1 < found.sharpness < 10


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e3])
def test_calibration_stays_finite_on_scores_that_part_everything_or_nothing(scale: float) -> None:
    made = scale * targets([0, 1, 2, NOBODY], 3)
    found = calibrate(made, [0, 1, 2, NOBODY])
    assert np.isfinite([found.sharpness, found.nobody, found.least]).all()
    assert np.isfinite(found.probabilities(made)).all()


def test_the_lists_that_ship_hold_no_sentence_twice() -> None:
    sentences = language("en").background
    assert len(sentences) == len(set(sentences)) > 100


@pytest.mark.parametrize("code", ["xx", "../en", ""])
def test_a_language_without_lists_is_refused(code: str) -> None:
    with pytest.raises(LanguageError, match="use one of"):
        language(code)


def test_a_sound_rule_without_an_arrow_is_refused() -> None:
    with pytest.raises(ValueError, match="pattern -> letters"):
        Language.model_validate({"background": ["a"], "sounds": ["ph f"]})

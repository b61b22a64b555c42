"""What is typed for a caller: words, keys or silence."""

import pytest

from agents.rehearsal.typed_line import Keys, Silence, Words, plain_keys, read_line


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("where is my order", Words("where is my order")),
        ("  yes  ", Words("yes")),
        ("#10482", Keys("10482")),
        ("# 10 482 #", Keys("10482")),
        ("#0", Keys("0")),
        ("#*9", Keys("*9")),
        ("[silence]", Silence()),
        ("[Silence]", Silence()),
        ("#", Words("#")),
        ("# no keys", Words("# no keys")),
        ("it is number 5", Words("it is number 5")),
    ],
)
def test_a_line_is_words_keys_or_silence(typed: str, meant: object) -> None:
    assert read_line(typed) == meant


def test_keys_that_no_telephone_has_are_refused() -> None:
    assert plain_keys("555-0101#") == "5550101"
    with pytest.raises(ValueError, match="no keys of a telephone"):
        plain_keys("12a")

from agents.stt.pieces import Piece, joined


def test_an_utterance_is_as_sure_as_its_least_sure_piece() -> None:
    heard = joined([Piece("Hello.", 0.9), Piece("", 0.0), Piece("My order?", 0.4)], 0.2)
    assert (heard.text, heard.took_s, heard.confidence) == ("Hello. My order?", 0.2, 0.4)


def test_nothing_heard_is_neither_sure_nor_unsure() -> None:
    assert joined([Piece("", 0.0)], 0.2).confidence is None

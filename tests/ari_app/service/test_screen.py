from ari_app.service.screen import printable, render


def test_control_characters_cannot_reach_the_terminal() -> None:
    assert printable("Jo\x1b[31mhn\x07\u202e") == "Jo?[31mhn??"


def test_waiting_and_not_ready_are_said() -> None:
    assert "starting" in render(["head"], None, None, (80, 24))
    assert "ARI is away" in render(["head"], {"ready": False, "reasons": ["ARI is away"]}, {"calls": []}, (80, 24))


def test_calls_show_who_where_and_the_last_lines() -> None:
    lines = [{"who": "caller", "text": f"line {n}"} for n in range(9)]
    live = {"calls": [{"seconds": 65, "caller": "+4420", "number": "100", "route": "front-desk", "state": "talking", "lines": lines}]}
    screen = render(["head"], {"ready": True}, live, (80, 24))
    assert "01:05" in screen
    assert "+4420 -> 100" in screen
    assert "line 8" in screen
    assert "line 3" not in screen


def test_never_larger_than_the_terminal() -> None:
    call = {"seconds": 1, "caller": "x" * 200, "number": "100", "lines": [{"who": "agent", "text": "y" * 300}] * 4}
    screen = render(["h" * 200] * 3, {"ready": True}, {"calls": [call] * 20}, (60, 15))
    rows = screen.split("\n")
    assert len(rows) <= 15
    assert all(len(row) <= 60 for row in rows)
    assert "more lines" in screen

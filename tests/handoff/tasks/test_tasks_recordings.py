"""Two legs into one stereo file, measured in its samples."""

import os
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.transcript import JsonValue
from handoff.desk.calls.wav import open_recording
from handoff.tasks import recordings, stereo
from handoff.tasks.job import Connection
from handoff.tasks.recordings import Conversion
from handoff.tasks.settings import RecordingSettings
from handoff.tasks.stereo import Span, secret_spans
from tests.handoff.tasks.conftest import Calls, Do

pytestmark = pytest.mark.postgres
RATE = 8000

Event = tuple[str, int, dict[str, JsonValue]]


def tone(hertz: float, seconds: float) -> NDArray[np.int16]:
    return (10_000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.int16)


def leg(path: Path, samples: NDArray[np.int16], *, age_s: float = 600) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    os.utime(path, (time.time() - age_s,) * 2)


def stereo_of(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)


def loud(samples: NDArray[np.int16], start: float, end: float) -> bool:
    """Whether both sides sound all the time between."""
    pieces = np.abs(samples[int(start * RATE) : int(end * RATE)].astype(int))
    return bool((pieces.reshape(-1, 40, 2).max(axis=1) > 5000).all())


def silent(samples: NDArray[np.int16], start: float, end: float) -> bool:
    return not samples[int(start * RATE) : int(end * RATE)].any()


def convert(do: Do, folder: Path, **settings: object) -> str:
    handler = Conversion(RecordingSettings.model_validate({"convert": True, "secret_margin_s": 0.5, **settings}), folder).handle
    return str(do(handler, "recording", "c1/1")["state"])


def test_caller_left_agent_right(calls: Calls, do: Do, tmp_path: Path) -> None:
    calls.call("c1")
    leg(tmp_path / "c1-caller.wav", tone(440, 130))  # more than two blocks
    leg(tmp_path / "c1-agent.wav", tone(1000, 129.5))
    assert convert(do, tmp_path) == "done"
    assert [path.name for path in tmp_path.iterdir()] == ["c1.wav"]
    assert (tmp_path / "c1.wav").stat().st_mode & 0o777 == 0o600
    found = stereo_of(tmp_path / "c1.wav")
    assert np.array_equal(found[:, 0], tone(440, 130))
    assert np.array_equal(found[: int(129.5 * RATE), 1], tone(1000, 129.5))
    assert silent(found[:, 1:], 129.5, 130)
    assert convert(do, tmp_path) == "done"


def test_what_was_keyed_in_secret_is_silent_on_both_sides(calls: Calls, do: Do, tmp_path: Path) -> None:
    calls.call("c1")
    calls.event("c1", "recording_started", 2000)
    calls.event("c1", "secret_entry", 12_000, on=True)
    calls.event("c1", "secret_entry", 15_000, on=False)
    calls.event("c1", "secret_entry", 72_000, on=True)
    calls.event("c1", "secret_entry", 74_000, on=False)
    for name in ("caller", "agent"):
        leg(tmp_path / f"c1-{name}.wav", tone(700, 90))
    assert convert(do, tmp_path) == "done"
    found = stereo_of(tmp_path / "c1.wav")
    for start, end in ((9.5, 13.5), (69.5, 72.5)):
        assert silent(found, start, end)
    for start, end in ((0, 9.5), (13.5, 69.5), (72.5, 90)):
        assert loud(found, start, end)


def test_what_is_not_known_is_silenced() -> None:
    on: Event = ("secret_entry", 5000, {"on": True})
    off: Event = ("secret_entry", 8000, {"on": False})
    start: Event = ("recording_started", 1000, {})
    again: Event = ("recording_started", 3000, {})
    assert secret_spans([start, on], 1) == [Span(3, float("inf"))], "it did not end"
    assert secret_spans([on, off], 1) == [Span(0, 9)], "no start is known"
    assert secret_spans([start, again, on, on, off], 1) == [Span(3, 8), Span(1, 6)], "either start"
    assert secret_spans([start, off], 1) == []


def test_a_recording_that_goes_on_is_left_alone(calls: Calls, do: Do, tmp_path: Path) -> None:
    calls.call("c1")
    leg(tmp_path / "c1-caller.wav", tone(440, 1), age_s=5)
    leg(tmp_path / "c1-agent.wav", tone(440, 1))
    assert convert(do, tmp_path, settle_s=60) == "waiting"
    assert len(list(tmp_path.iterdir())) == 2
    assert convert(do, tmp_path, settle_s=3) == "done"


def test_one_that_grows_meanwhile_is_done_again(calls: Calls, do: Do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls.call("c1")
    for name in ("caller", "agent"):
        leg(tmp_path / f"c1-{name}.wav", tone(440, 1))

    def written_to(*given: object) -> None:
        stereo.write_stereo(*given)  # type: ignore[arg-type]
        leg(tmp_path / "c1-caller.wav", tone(440, 2))

    with monkeypatch.context() as patch:
        patch.setattr(recordings, "write_stereo", written_to)
        assert convert(do, tmp_path) == "waiting"
    assert not (tmp_path / "c1.wav").exists()
    assert convert(do, tmp_path) == "done"
    assert len(stereo_of(tmp_path / "c1.wav")) == 2 * RATE


@pytest.mark.parametrize("died", ["while writing", "before removing", "between removing"])
def test_a_process_that_dies_in_the_middle(calls: Calls, do: Do, tmp_path: Path, died: str) -> None:
    calls.call("c1")
    for name in ("caller", "agent"):
        leg(tmp_path / f"c1-{name}.wav", tone(440, 1))
    if died == "while writing":
        (tmp_path / ".c1.wav.part").write_bytes(b"half")
    else:
        stereo.write_stereo(open_recording([tmp_path / "c1-caller.wav", tmp_path / "c1-agent.wav"]), [], tmp_path / "c1.wav")
    if died == "between removing":
        (tmp_path / "c1-caller.wav").unlink()
    assert convert(do, tmp_path) == "done"
    assert [path.name for path in tmp_path.iterdir()] == ["c1.wav"]
    assert loud(stereo_of(tmp_path / "c1.wav"), 0, 1)


def test_one_leg_alone_stays_one(calls: Calls, do: Do, tmp_path: Path) -> None:
    calls.call("c1")
    leg(tmp_path / "c1-caller.wav", tone(440, 1))
    assert convert(do, tmp_path) == "done"
    with wave.open(str(tmp_path / "c1.wav")) as file:
        assert (file.getnchannels(), file.getnframes()) == (1, RATE)


@pytest.mark.parametrize("why", ["off", "not over", "no files"])
def test_nothing_to_do(db: Connection, calls: Calls, do: Do, tmp_path: Path, why: str) -> None:
    calls.call("c1")
    if why != "no files":
        leg(tmp_path / "c1-caller.wav", tone(440, 1))
    if why == "not over":
        db.execute("UPDATE calls SET ended_at = NULL")
    before = list(tmp_path.iterdir())
    assert convert(do, tmp_path, convert=why != "off") == "done"
    assert list(tmp_path.iterdir()) == before


def test_what_is_no_recording_is_given_up_and_kept(calls: Calls, do: Do, tmp_path: Path) -> None:
    calls.call("c1")
    path = tmp_path / "c1-caller.wav"
    path.write_bytes(b"no sound")
    os.utime(path, (0, 0))
    assert convert(do, tmp_path) == "failed"
    assert path.exists()


def test_a_younger_recording_does_not_replace_the_first(calls: Calls, do: Do, tmp_path: Path) -> None:
    calls.call("c1")
    leg(tmp_path / "c1-caller.wav", tone(440, 1))
    leg(tmp_path / "c1-agent.wav", tone(440, 1))
    leg(tmp_path / "c1.wav", tone(440, 3), age_s=6000)
    assert convert(do, tmp_path) == "failed"
    assert len(list(tmp_path.iterdir())) == 3

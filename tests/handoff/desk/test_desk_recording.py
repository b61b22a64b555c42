"""Recordings: the sound as it is on disk, in the ranges a player asks for, to those who may, and written down."""

import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from handoff.desk.calls.recording import RECORDINGS
from handoff.desk.calls.wav import HEADER, NotAWav, open_leg, open_recording, open_stereo
from handoff.records.writer import PostgresRecords
from handoff.tasks.stereo import write_stereo
from tests.handoff.desk.conftest import Desk, csrf_in
from tests.handoff.desk.desk_calls import CALL, LIVE_CALL, RATE, live_call, ordinary_call, write_recording


def leg_file(path: Path, samples: list[int], *, claimed: int | None = None, before: bytes = b"") -> Path:
    """A WAV whose header claims ``claimed`` bytes of sound, with a chunk ``before`` the sound."""
    sound = np.array(samples, "<i2").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    chunks = form + before + struct.pack("<4sI", b"data", len(sound) if claimed is None else claimed) + sound
    path.write_bytes(struct.pack("<4sI4s", b"RIFF", len(chunks) + 4, b"WAVE") + chunks)
    return path


def test_two_legs_become_one_stereo_file(tmp_path: Path) -> None:
    caller, agent = leg_file(tmp_path / "a.wav", [1, 2, 3, 4]), leg_file(tmp_path / "b.wav", [-1, -2])
    recording = open_recording([caller, agent])
    with wave.open(io.BytesIO(recording.read(0, recording.size))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, RATE, 4)
        frames = np.frombuffer(file.readframes(4), "<i2").reshape(-1, 2)
    assert frames.tolist() == [[1, -1], [2, -2], [3, 0], [4, 0]]


def test_every_piece_is_the_piece_of_the_whole(tmp_path: Path) -> None:
    recording = open_recording([leg_file(tmp_path / "a.wav", list(range(50))), leg_file(tmp_path / "b.wav", list(range(40)))])
    whole = recording.read(0, recording.size)
    assert len(whole) == recording.size == HEADER + 50 * 4
    for start in range(0, recording.size, 7):
        for length in (1, 2, 3, 5, 44, 45, 1000):
            assert recording.read(start, start + length) == whole[start : start + length], (start, length)


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF, 100_000, 5])
def test_a_length_that_is_not_true_yet(tmp_path: Path, claimed: int) -> None:
    leg = open_leg(leg_file(tmp_path / "a.wav", [1, 2, 3], claimed=claimed, before=struct.pack("<4sI3sx", b"LIST", 3, b"abc")))
    assert leg.samples == (2 if claimed == 5 else 3)
    assert leg.read(1, 3).tolist() == ([2, 0, 0] if claimed == 5 else [2, 3, 0])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"not a wav at all, but long enough",
        b"RIFF\0\0\0\0WAVE" + b"\0" * 40,
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + b"\3\0" * 8,
        b"RIFF\0\0\0\0WAVEfmt ",
    ],
)
def test_what_is_no_recording(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(NotAWav, match=r"a\.wav"):
        open_leg(path)


def test_peaks_are_loudest_samples(tmp_path: Path) -> None:
    quiet_then_loud = [0] * 100 + [-32768] * 100
    recording = open_recording([leg_file(tmp_path / "a.wav", quiet_then_loud), leg_file(tmp_path / "b.wav", [16384] * 50)])
    assert recording.peaks(4) == [[0, 0, 100, 100], [50, 0, 0, 0]]
    assert len(recording.peaks(1000)[0]) == 1000


@pytest.fixture
async def recorded(desk: Desk, records: PostgresRecords) -> bytes:
    """A call with a recording; the bytes of the whole file."""
    ordinary_call(records)
    live_call(records)
    assert await records.flush(10)
    assert desk.deps.recordings is not None
    write_recording(desk.deps.recordings, CALL, 4.0)
    recording = open_recording([desk.deps.recordings / f"{CALL}-{leg}.wav" for leg in ("caller", "agent")])
    return recording.read(0, recording.size)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-", 0, None),
        ("bytes=0-99", 0, 100),
        ("bytes=50-149", 50, 150),
        ("bytes=1000-", 1000, None),
        ("bytes=-64", -64, None),
        ("bytes=10-999999999", 10, None),
    ],
)
async def test_ranges(desk: Desk, recorded: bytes, asked: str, start: int, stop: int | None) -> None:
    client = await desk.login("supervisor")
    answer = await client.get(f"/calls/{CALL}/audio", headers={"Range": asked})
    body = await answer.read()
    first = start if start >= 0 else len(recorded) + start
    assert answer.status == 206
    assert body == recorded[start:stop]
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(body) - 1}/{len(recorded)}"


@pytest.mark.parametrize("asked", [None, "bytes=0-1,5-9", "samples=0-5", "bytes=x-y"])
async def test_everything_when_the_range_is_none_that_we_know(desk: Desk, recorded: bytes, asked: str | None) -> None:
    client = await desk.login("supervisor")
    answer = await client.get(f"/calls/{CALL}/audio", headers={"Range": asked} if asked else {})
    assert (answer.status, answer.headers["Accept-Ranges"], await answer.read() == recorded) == (200, "bytes", True)


async def test_a_range_beyond_the_end(desk: Desk, recorded: bytes) -> None:
    client = await desk.login("supervisor")
    answer = await client.get(f"/calls/{CALL}/audio", headers={"Range": f"bytes={len(recorded)}-"})
    assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(recorded)}")


@pytest.mark.usefixtures("recorded")
async def test_listening_is_written_down_once_for_all_its_pieces(desk: Desk) -> None:
    client = await desk.login("agent")
    for start in (0, 1000, 5000):
        await client.get(f"/calls/{CALL}/audio", headers={"Range": f"bytes={start}-{start + 10}"})
    rows = await desk.deps.audit.entries(action="listen_recording")
    assert [(row["actor"], row["call_id"]) for row in rows] == [("agent", CALL)]
    await (await desk.login("auditor")).get(f"/calls/{CALL}/audio")
    assert len(await desk.deps.audit.entries(action="listen_recording")) == 2


async def test_downloading_is_written_down_each_time(desk: Desk, recorded: bytes) -> None:
    client = await desk.login("supervisor")
    token = csrf_in(await (await client.get(f"/calls/{CALL}")).text())
    for _ in range(2):
        answer = await client.post(f"/calls/{CALL}/audio", data={"csrf": token})
        assert await answer.read() == recorded
        assert answer.headers["Content-Disposition"] == f'attachment; filename="call-{CALL}.wav"'
    assert len(await desk.deps.audit.entries(action="download_recording")) == 2


@pytest.mark.usefixtures("recorded")
async def test_peaks_as_json(desk: Desk) -> None:
    client = await desk.login("agent")
    told = await (await client.get(f"/calls/{CALL}/peaks")).json()
    assert told["duration_s"] == 4.0
    assert [len(leg) for leg in told["legs"]] == [1200, 1200]
    assert max(told["legs"][0][:750]) > 10 and max(told["legs"][0][800:]) == 0


@pytest.mark.usefixtures("recorded")
async def test_a_call_without_recording_says_so(desk: Desk) -> None:
    client = await desk.login("supervisor")
    answer = await client.get(f"/calls/{LIVE_CALL}/audio", headers={"Accept": "application/json"})
    assert (answer.status, await answer.json()) == (404, {"error": "There is no recording of this call that can be played."})
    assert await desk.deps.audit.entries(action="listen_recording") == []


@pytest.mark.usefixtures("recorded")
async def test_legs_that_became_one_stereo_file_are_played_as_before(desk: Desk, recorded: bytes) -> None:
    client = await desk.login("supervisor")
    before = await (await client.get(f"/calls/{CALL}/peaks")).json()
    folder = desk.deps.recordings
    assert folder is not None
    write_stereo(open_recording([folder / f"{CALL}-{leg}.wav" for leg in ("caller", "agent")]), [], folder / f"{CALL}.wav")
    for leg in ("caller", "agent"):
        (folder / f"{CALL}-{leg}.wav").unlink()
    desk.app[RECORDINGS]._peaks.clear()
    assert await (await client.get(f"/calls/{CALL}/peaks")).json() == before
    assert await (await client.get(f"/calls/{CALL}/audio")).read() == recorded
    answer = await client.get(f"/calls/{CALL}/audio", headers={"Range": "bytes=1001-1100"})
    assert await answer.read() == recorded[1001:1101]
    assert desk.app[RECORDINGS].find(CALL, "agent").legs[0].read(0, 10).tolist() == [
        int(sample) for sample in np.frombuffer(recorded[HEADER : HEADER + 40], "<i2")[1::2]
    ]


def test_a_stereo_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotAWav, match="stereo"):
        open_stereo(leg_file(tmp_path / "a.wav", [1, 2]))

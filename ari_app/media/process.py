"""The media process: listens for the mind on a Unix socket, keeps the lines it opens, gives everything back when it goes."""

import asyncio
import errno
import logging
import os
import socket
import time
from pathlib import Path
from typing import Any, Final

from agents.transcript import JsonValue
from ari_app.media import wire
from ari_app.media.alarm import Alarm
from ari_app.media.bed import Loops
from ari_app.media.canceller import EchoCanceller
from ari_app.media.errors import MediaError, MediaFull, MediaRefused
from ari_app.media.g711 import SILENCE
from ari_app.media.lateness import Lateness
from ari_app.media.leg import Leg
from ari_app.media.listen import SpurtAudio, SpurtPaused, SpurtStarted
from ari_app.media.modes import AgentMode, EchoMode, Mode
from ari_app.media.pacer import Schedule
from ari_app.media.peer import Peer
from ari_app.media.playout import ClipFinished, ClipPaused, ClipResumed, ClipStarted, ClipStopped, PlayoutEvent
from ari_app.media.poller import Poller
from ari_app.media.ports import PortPool
from ari_app.media.pulse import EVERY_S, pulse_fields
from ari_app.media.speex_echo import SpeexLibrary
from ari_app.media.vad import shared_session
from ari_app.media.voice import VoiceSettings

log = logging.getLogger(__name__)

VERSION = 4
"""Of the messages; the link refuses another one."""


class _Line:
    __slots__ = ("bound", "call_id", "leg", "port")

    def __init__(self, call_id: str, port: int, bound: socket.socket, leg: Leg) -> None:
        self.call_id = call_id
        self.port = port
        self.bound = bound
        self.leg = leg


class MediaProcess:
    """All lines of one worker. To be used on a running loop: ``start``, then ``stop``."""

    def __init__(self, socket_path: Path, ports: PortPool, jitter_ms: int = 0, echo_library: SpeexLibrary | None = None) -> None:
        """``echo_library``: without it an echo is known for what it is, but not taken out."""
        self._path = socket_path
        self._echo_library = echo_library
        self._ports = ports
        self._jitter_ms = jitter_ms
        self._session = shared_session()
        self._lines: dict[int, _Line] = {}
        self._loops = Loops()
        self._peer: Peer | None = None
        self._lateness = Lateness()
        self._silenced = Lateness()
        self._schedule = Schedule(time.monotonic())
        self._gone_packets = [0, 0]
        self._started_at = time.monotonic()

    def start(self) -> None:
        """Listen.

        Raises:
            MediaError: another media process listens at the socket, or the socket cannot be made there.
        """
        self._loop = asyncio.get_running_loop()
        self._alarm = Alarm(self._loop, self._ring)
        self._poller = Poller(self._loop)
        try:
            self._listener = _listen(self._path)
        except MediaError:
            self._alarm.close()
            self._poller.close()
            raise
        self._loop.add_reader(self._listener, self._accept)
        self._pulsing = self._loop.call_later(EVERY_S, self._pulse)
        log.info("media_ready", extra={"socket": str(self._path), "ports": self._ports.total})

    def stop(self) -> None:
        """Close every line, the mind's connection and the socket."""
        self._pulsing.cancel()
        self._close_lines()
        if self._peer is not None:
            self._peer.close()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        self._path.unlink(missing_ok=True)
        self._alarm.close()
        self._poller.close()

    def _pulse(self) -> None:
        """Tell the mind that we live, and what goes in and out on each line."""
        self._pulsing = self._loop.call_later(EVERY_S, self._pulse)
        now, late_s = time.monotonic(), 0.0
        pulses = []
        for handle, line in self._lines.items():
            late_s, line.leg.late_peak_s = max(late_s, line.leg.late_peak_s), 0.0
            if (pulse := line.leg.pulse(now)) is not None:
                pulses.append((handle, pulse))
        self._tell(0, pulse_fields(now, late_s, pulses))

    def _ring(self) -> None:
        self._schedule.run_due(time.monotonic)
        for _ in range(self._poller.rounds):
            # Bounded, or a process that has more packets than time would never listen to the mind again.
            if not self._poller.fetch():
                break
            self._schedule.run_due(time.monotonic)
        self._alarm.set(self._schedule.next_at)

    def _accept(self) -> None:
        try:
            connected, _ = self._listener.accept()
        except BlockingIOError:
            return
        if self._peer is not None:
            connected.setblocking(False)
            connected.send(wire.control(0, {"event": "refused", "error": "busy", "message": "another mind is connected"}))
            connected.close()
            return
        self._peer = Peer(connected, self._message, self._mind_lost)
        self._tell(0, {"event": "hello", "version": VERSION})
        log.info("mind_connected")

    def _mind_lost(self, why: str) -> None:
        log.warning("mind_lost", extra={"why": why, "lines": len(self._lines)})
        self._peer = None
        self._close_lines()
        self._loops.clear()

    def _close_lines(self) -> None:
        for handle in list(self._lines):
            self._close(handle)

    def _tell(self, handle: int, fields: dict[str, Any]) -> None:
        if self._peer is not None:
            self._peer.send(wire.control(handle, fields))

    def _message(self, message: wire.Message) -> None:
        if message.kind is wire.Kind.CLIP:
            self._clip_audio(message)
        elif message.kind is wire.Kind.BED:
            self._bed_audio(message)
        elif message.kind is wire.Kind.CONTROL:
            fields = wire.read_control(message)
            try:
                self._obey(message.handle, fields)
            except MediaFull as error:
                self._refuse(message.handle, fields, "full", error)
            except (MediaError, KeyError, TypeError, ValueError, OSError) as error:
                self._refuse(message.handle, fields, "bad", error)
        else:
            raise wire.WireError("the mind sends no voice")

    def _refuse(self, handle: int, fields: dict[str, Any], error: str, why: Exception) -> None:
        self._tell(handle, {"event": "refused", "do": fields.get("do"), "error": error, "message": str(why) or type(why).__name__})

    def _obey(self, handle: int, fields: dict[str, Any]) -> None:
        what = fields["do"]
        if what == "status":
            self._tell(0, {"event": "status", "id": fields["id"], "status": self.status()})
        elif what == "open":
            self._open(handle, str(fields["call_id"]), fields)
        elif what == "close":
            self._close(handle)
        elif what == "loop":
            self._loops.close(int(fields["bed"]))
        elif what == "forget":
            self._loops.forget(int(fields["bed"]))
        elif handle in self._lines:
            self._obey_line(handle, self._lines[handle].leg, what, fields)

    def _obey_line(self, handle: int, leg: Leg, what: str, fields: dict[str, Any]) -> None:
        if what == "attach":
            leg.attach(str(fields["host"]), int(fields["port"]))
            self._alarm.set(self._schedule.next_at)
            self._tell(handle, {"event": "attached"})
            return
        mode = leg.mode
        if not isinstance(mode, AgentMode):
            raise MediaRefused(f"an echo line cannot do {what!r}")
        if what == "bed":
            mode.bed.set(None if fields["bed"] is None else self._loops.named(int(fields["bed"])))
        else:
            _obey_mode(mode, what, fields)

    def _bed_audio(self, message: wire.Message) -> None:
        number, pcm = wire.read_clip(message)
        if not self._loops.add(number, pcm):
            log.error("bed_full", extra={"bed": number})

    def _clip_audio(self, message: wire.Message) -> None:
        clip, pcm = wire.read_clip(message)
        line = self._lines.get(message.handle)
        if line is None or not isinstance(line.leg.mode, AgentMode):
            return
        if not line.leg.mode.playout.append(clip, pcm):
            log.error("playout_full", extra={"call_id": line.call_id, "clip": clip})

    def _open(self, handle: int, call_id: str, fields: dict[str, Any]) -> None:
        if handle in self._lines or handle == 0:
            raise MediaRefused(f"handle {handle} is in use")
        law = fields["law"]
        if law not in SILENCE or fields["mode"] not in ("agent", "echo"):
            raise MediaRefused(f"law {law!r} or mode {fields['mode']!r} is unknown")
        mode: Mode = EchoMode(law)
        if fields["mode"] == "agent":
            mode = AgentMode(
                law,
                self._session,
                reflex=bool(fields.get("reflex", True)),
                on_spurt=lambda heard, playing: self._spurt(handle, heard, playing),
                on_playout=lambda event: self._tell(handle, _playout_fields(event)),
                settings=VoiceSettings.model_validate(fields.get("voice", {})),
                canceller=EchoCanceller(self._echo_library) if fields.get("echo_cancel", True) else None,
            )
        port, bound = self._ports.take()
        leg = Leg(
            call_id,
            law,
            bound,
            self._schedule,
            self._poller,
            mode,
            jitter_ms=self._jitter_ms,
            on_stalled=lambda stalled: self._tell(handle, {"event": "stalled", "stalled": stalled}),
        )
        self._lines[handle] = _Line(call_id, port, bound, leg)
        self._tell(handle, {"event": "opened", "port": port})
        log.info("line_opened", extra={"call_id": call_id, "port": port, "mode": fields["mode"]})

    def _close(self, handle: int) -> None:
        line = self._lines.get(handle)
        if line is None:
            self._tell(handle, {"event": "closed", "statistics": {}})
            return
        statistics = line.leg.close()
        del self._lines[handle]
        self._ports.give_back(line.port, line.bound)
        self._lateness.merge(line.leg.lateness)
        if isinstance(line.leg.mode, AgentMode):
            self._silenced.merge(line.leg.mode.reaction)
        for index, count in enumerate(line.leg.packets):
            self._gone_packets[index] += count
        self._tell(handle, {"event": "closed", "statistics": statistics})
        log.info("line_closed", extra={"call_id": line.call_id, "port": line.port, "statistics": statistics})

    def _spurt(self, handle: int, heard: SpurtStarted | SpurtAudio | SpurtPaused, playing: int | None) -> None:
        if isinstance(heard, SpurtAudio):
            if self._peer is not None:
                self._peer.send(wire.voice_audio(handle, heard.at, heard.pcm), speech=True)
        elif isinstance(heard, SpurtStarted):
            self._tell(handle, {"event": "voice_started", "at": heard.at, "playing": playing})
        else:
            self._tell(handle, {"event": "voice_paused", "at": heard.at})

    def status(self) -> dict[str, JsonValue]:
        """Lines, ports, packets since the start, memory in bytes, processor seconds.

        ``lateness`` is that of packets; ``silenced`` the time from a decision to hold or stop what is heard to the next packet.
        """
        packets = [sum(counts) for counts in zip(*(line.leg.packets for line in self._lines.values()), strict=True)] or [0, 0]
        used = os.times()
        late, silenced = Lateness(), Lateness()
        silenced.merge(self._silenced)
        late.merge(self._lateness)
        for line in self._lines.values():
            late.merge(line.leg.lateness)
            if isinstance(line.leg.mode, AgentMode):
                silenced.merge(line.leg.mode.reaction)
        return {
            "lines": len(self._lines),
            "ports_used": self._ports.used,
            "ports_total": self._ports.total,
            "sent": packets[0] + self._gone_packets[0],
            "received": packets[1] + self._gone_packets[1],
            "lateness": dict(late.summary()),
            "silenced": {"count": silenced.count, **silenced.summary()},
            "voice_dropped": self._peer.dropped if self._peer else 0,
            "rss_bytes": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
            "cpu_s": used.user + used.system,
            "uptime_s": round(time.monotonic() - self._started_at, 3),
            "pid": os.getpid(),
        }


def _obey_mode(mode: AgentMode, what: str, fields: dict[str, Any]) -> None:
    if what == "begin":
        mode.begin(int(fields["clip"]), bool(fields["interruptible"]), time.monotonic())
    elif what == "end":
        mode.playout.end(int(fields["clip"]))
    elif what == "stop":
        mode.stop(time.monotonic())
    elif what == "hold":
        mode.hold(time.monotonic())
    elif what == "resume":
        mode.resume(time.monotonic(), int(fields["voices"]))
    elif what == "reflex":
        mode.reflex.enabled = bool(fields["on"])
    else:
        raise MediaRefused(f"{what!r} is unknown")


_EVENT_NAMES: Final[dict[type[PlayoutEvent], str]] = {
    ClipStarted: "clip_started",
    ClipFinished: "clip_finished",
    ClipStopped: "clip_stopped",
    ClipPaused: "clip_paused",
    ClipResumed: "clip_resumed",
}


def _playout_fields(event: PlayoutEvent) -> dict[str, Any]:
    return {"event": _EVENT_NAMES[type(event)], **event._asdict()}


def _listen(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear_stale(path)
        old = os.umask(0o177)
        try:
            made.bind(str(path))
        finally:
            os.umask(old)
        made.listen(8)
        made.setblocking(False)
    except OSError as error:
        made.close()
        raise MediaError(f"cannot listen at {path}: {error.strerror or error}. Choose another --socket (at most 107 bytes long)") from error
    except MediaError:
        made.close()
        raise
    return made


def _clear_stale(path: Path) -> None:
    """Remove the socket of a media process that died; raise MediaError when one still answers there."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        outcome = probe.connect_ex(str(path))
    if outcome == 0:
        raise MediaError(f"another media process listens at {path}: stop it first")
    if outcome == errno.ECONNREFUSED:
        path.unlink(missing_ok=True)

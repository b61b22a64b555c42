"""``patchcord call``: a scripted caller dials a number over real SIP and RTP."""

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from agents.audio import Pcm
from agents.stt.moonshine import MoonshineTranscriber
from agents.tts.factory import open_speaker
from agents.tts.fallback import FallbackSpeaker
from ari_app.caller.calling import place_call
from ari_app.caller.report import CallReport
from ari_app.caller.script import Hangup, Key, Say, ScriptError, Step, Wait
from ari_app.caller.user_agent import SipTarget
from ari_app.commands.instance import mind_config, running_settings
from ari_app.pbx.runtime import RuntimeRoot
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.service.layout import Layout
from ari_app.service.state import read_state

CALLER_VOICE: Final = "rhvoice:alan"
"""Not the agent's voice, so that the two can be told apart in the recordings."""

BUILT_IN: Final[tuple[Step, ...]] = (
    Say("What is the status of my order?"),
    Say("one, zero, four, eight, two"),
    Say("yes, that is right"),
    Say("What are your opening hours?"),
    Say("No, thank you. Goodbye."),
    Hangup(),
)


def steps_of(given: Sequence[tuple[str, str]]) -> list[Step]:
    """The command line's --text, --say, --keys and --wait in order; the built-in conversation when there are none.

    Raises ScriptError for a wait that is not a number or keys that no telephone has.
    """
    if not given:
        return list(BUILT_IN)
    return [*(_step(kind, value) for kind, value in given), Hangup()]


def _step(kind: str, value: str) -> Step:
    if kind == "text":
        return Say(value)
    if kind == "say":
        return Say(Path(value))
    if kind == "keys":
        if not value or set(value.upper()) - set("0123456789*#ABCD"):
            raise ScriptError(f"--keys {value}: a telephone has 0 to 9, *, # and A to D")
        return Key(value.upper())
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 300:
        raise ScriptError(f"--wait {value}: give seconds from 0 to 300")
    return Wait(seconds)


class Voice:
    """Synthesis and recognition for the caller's side, opened only when needed."""

    def __init__(self, layout: Layout, runtime_root: Path) -> None:
        self._layout = layout
        self._root = runtime_root
        self._speaker: FallbackSpeaker | None = None
        self._transcriber: MoonshineTranscriber | None = None
        self._opening = asyncio.Lock()

    async def synthesize(self, text: str) -> Pcm:
        if self._speaker is None:
            self._speaker = await open_speaker(CALLER_VOICE, RuntimeRoot(self._root), self._layout.speech_cache)
        return np.concatenate([chunk async for chunk in self._speaker.speak(text)])

    async def transcribe(self, pcm: Pcm) -> str:
        async with self._opening:
            if self._transcriber is None:
                self._transcriber = await asyncio.to_thread(MoonshineTranscriber, 1)
        return (await self._transcriber.transcribe(pcm)).text

    async def close(self) -> None:
        if self._transcriber is not None:
            await self._transcriber.close()
        if self._speaker is not None:
            await self._speaker.close()


def target_of(layout: Layout, *, phone: bool) -> SipTarget:
    """The running instance, as its loopback trunk or as phone 1001. Raises NotRunning."""
    state = read_state(layout.state_file, layout.data)
    settings = running_settings(layout)
    host = "127.0.0.1" if settings.sip.bind == "0.0.0.0" else settings.sip.bind  # noqa: S104 - compared, not bound
    if not phone:
        return SipTarget(host, state.sip_port)
    return SipTarget(host, state.sip_port, "1001", load_or_create_secrets(layout.data).phones["1001"])


async def call(options: argparse.Namespace) -> int:
    """Exit status 0 when the call was answered and the script ran to its end."""
    layout = Layout(options.data.resolve())
    steps = steps_of(options.steps or [])
    target = target_of(layout, phone=options.phone)
    voice = Voice(layout, Path(mind_config(layout)["runtime_root"]))
    if not options.json:
        print(f"Calling {options.number} …", flush=True)
    try:
        report = await place_call(
            target,
            options.number,
            steps,
            synthesize=voice.synthesize,
            transcribe=voice.transcribe,
            out_dir=(options.out or layout.calls).resolve(),
        )
    finally:
        await asyncio.shield(voice.close())
    _show(report, as_json=options.json)
    return 0 if report.answered and report.problem is None else 1


def _show(report: CallReport, *, as_json: bool) -> None:
    print(json.dumps(report.to_json(), indent=2) if as_json else "\n".join(report.lines()))

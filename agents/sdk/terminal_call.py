"""An agent made in Python, on typed lines."""

import logging
import sys
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from agents.llm.task import ModelTurns
from agents.rehearsal.terminal import talk
from agents.rehearsal.text_call import TextCall
from agents.rehearsal.transcript_text import line
from agents.sdk.models import opened_model
from agents.tools import CallFacts
from agents.transcript import Outcome

if TYPE_CHECKING:
    from agents.sdk.agent import Agent

SETTLE_S: Final = 2.0
"""Longest wait for handlers before the caller has the floor: only here, where a person reads along."""


async def terminal_call(
    agent: "Agent",
    *,
    caller: str,
    model: ModelTurns | None,
    lines: Callable[[], str] | None,
    write: Callable[[str], None],
    verbose: bool,
) -> Outcome:
    """Returns how it ended; a caller who hangs up has left."""
    facts = CallFacts(f"terminal-{uuid.uuid4().hex[:8]}", caller, "terminal", agent.name, agent.language)
    attendance = agent.attend(facts)
    pool, loud = agent.events.pool, agent.events.pool.loud
    pool.loud = lambda text: write(line("note", text))
    # What goes wrong is shown between the turns; without this it would also be printed as a bare log message.
    silent = logging.NullHandler()
    logging.getLogger("agents").addHandler(silent)

    async def settle() -> None:
        await pool.settled(SETTLE_S)

    try:
        async with opened_model(agent, model) as turns:
            call = TextCall(agent.definition, attendance.tools, turns, attendance.sink, settle=settle)
            attendance.control.connect(call)
            attendance.sink.started()
            interactive = lines is None and sys.stdin.isatty()
            await talk(call, interactive=interactive, lines=lines or sys.stdin.readline, write=write, verbose=verbose)
        left = Outcome("caller_left", "hangup", "", call.dialogue.state.intent, call.known())
        outcome = call.ended.outcome if call.ended else left
        attendance.sink.ended(outcome)
        await settle()
        return outcome
    finally:
        pool.loud = loud
        logging.getLogger("agents").removeHandler(silent)

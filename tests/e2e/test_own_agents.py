"""Agents in Python, served by the script that holds them, over real SIP and RTP; a language model behind a real HTTP server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agents.llm.model import Call
from ari_app.caller.script import Hangup, Say, Wait
from tests.agents.llm.local_server import LocalServer, Reply
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import agent_words, settled, talk, was_heard


def answer(body: Mapping[str, Any]) -> Reply:
    """Looks brass lamps up, then tells how many there are."""
    if any(message["role"] == "tool" for message in body["messages"]):
        return Reply(("There are five ", "of them in the shop. ", "Shall I keep one for you?"))
    return Reply(("Let me see. ", Call("c1", "stock", '{"lamp": "brass"}')))


async def test_a_script_serves_its_agents_on_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, notes = LocalServer(answer), tmp_path / "notes.txt"
    await server.start()
    monkeypatch.setenv("OWN_AGENTS_NOTES", str(notes))
    monkeypatch.setenv("OWN_AGENTS_MODEL", f"{server.url}#lamps")
    running = Instance(tmp_path / "data", program=[str(Path(__file__).with_name("own_agents.py"))])
    running.start()
    try:
        report = await talk(running, "500", [Say("What are your opening hours?"), Wait(1), Hangup()])
        assert was_heard(report, "We are open from nine to five"), agent_words(report)
        await settled(running)
        assert "agent: We are open from nine to five." in notes.read_text()
        report = await talk(running, "501", [Say("How many brass lamps do you have?"), Wait(1), Hangup()])
        assert was_heard(report, "There are five of them in the shop"), agent_words(report)
        await settled(running)
        call = newest_whole(running)
        events = [(event["kind"], event["data"]) for event in call["events"]]
        assert ("tool", True) in [(kind, data.get("ok")) for kind, data in events]
        assert [data["model"] for kind, data in events if kind == "model"] == ["lamps"]
        gaps = [turn["latency_ms"]["gap"] for turn in call["turns"] if "gap" in turn["latency_ms"]]
        assert gaps
    finally:
        running.stop()
        await server.stop()

"""A caller's name and number are an attack. From the SIP message to the spreadsheet they stay what they are: text."""

import asyncio
import csv
import io
import json
import re
from pathlib import Path

import aiohttp

from tests.e2e.history import newest_calls
from tests.e2e.hostile_sip import FORGED, hostile_call
from tests.e2e.instance import Instance
from tests.e2e.people import settled

AGENT_CALLER, QUEUE_CALLER = "55506101", "55506102"
MARKS = ("<script>alert", "\u202e", "PatchcordForged", "cmd|")


async def test_an_attack_in_the_callers_id_reaches_nothing(instance: Instance, tmp_path: Path) -> None:
    logs = {path: path.stat().st_size for path in (instance.data / "logs").glob("*.log")}
    async with hostile_call(instance.sip_port, "100", AGENT_CALLER) as (_, call):
        assert call.final.status == 200
        await asyncio.sleep(2.0)
        live = json.dumps(instance.get("/live"))
    events = await queue_events(instance)
    await settled(instance, 15)

    assert "QueueCallerJoin" in events, "the call waited in the queue"
    assert not any(line.startswith(FORGED) for line in events.splitlines()), "no line of the caller's own among the events"
    assert not any(mark in live for mark in MARKS)

    numbers = {each["caller"]: each for each in newest_calls(instance)}
    found = next((caller for caller in numbers if caller.startswith("5550") and AGENT_CALLER[4:] in caller), None)
    assert found is not None, numbers
    assert not any(mark in json.dumps(numbers) for mark in MARKS[:2] + MARKS[3:])
    assert re.fullmatch(r"[0-9A-Za-z+*#._@-]{1,40}", found)

    html, table = await desk_pages(instance, tmp_path, numbers[found]["id"])
    assert found in html
    assert not any(mark in html for mark in MARKS[:2] + MARKS[3:])
    rows = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"))))
    assert any(found in row for row in rows)
    assert {len(row) for row in rows} == {len(rows[0])}, "every row has the columns of the head"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)

    for path in (instance.data / "logs").glob("*.log"):
        with path.open("rb") as file:
            file.seek(logs.get(path, 0))
            lines = file.read().decode(errors="replace").splitlines()
        assert not any(mark in line for line in lines for mark in MARKS), path
        if path.stem in ("mind", "desk", "supervisor"):
            assert all(isinstance(json.loads(line), dict) for line in lines if line.strip()), f"{path} has a line that is no event"


async def queue_events(instance: Instance) -> str:
    """What the manager interface tells the desk's user while a hostile caller comes into the queue and leaves."""
    secrets = json.loads((instance.data / "secrets.json").read_text())
    port = json.loads((instance.data / "run" / "mind.json").read_text())["settings"]["asterisk"]["ami_port"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    login = f"Action: Login\r\nUsername: {secrets['desk_ami_user']}\r\nSecret: {secrets['desk_ami_password']}\r\nEvents: agent,user\r\n\r\n"
    writer.write(login.encode())
    async with hostile_call(instance.sip_port, "200", QUEUE_CALLER) as (_, call):
        assert call.final.status == 200
        await asyncio.sleep(1.5)
    await asyncio.sleep(0.5)
    heard = await asyncio.wait_for(reader.read(1_000_000), 3)
    writer.close()
    await writer.wait_closed()
    return heard.decode(errors="replace")


async def desk_pages(instance: Instance, tmp_path: Path, call_id: str) -> tuple[str, str]:
    """The pages that show the call to a supervisor, and the list as CSV."""
    word = tmp_path / "password"
    word.write_text("a password for one test only\n")
    word.chmod(0o600)
    instance.cli("desk", "user", "add", "hostile-test", "--role", "supervisor", "--password-file", str(word))
    base = f"http://127.0.0.1:{json.loads((instance.data / 'run' / 'mind.json').read_text())['settings']['desk']['port']}"
    jar = aiohttp.CookieJar(unsafe=True)  # of an address, not a name
    async with aiohttp.ClientSession(base, cookie_jar=jar) as session:
        login = await (await session.get("/login")).text()
        token = re.search(r'name="csrf" value="([^"]+)"', login)
        assert token is not None
        given = {"csrf": token[1], "name": "hostile-test", "password": word.read_text().strip()}
        assert (await session.post("/login", data=given)).status == 200
        pages = [await (await session.get(path)).text() for path in ("/calls", f"/calls/{call_id}", "/floor")]
        again = re.search(r'name="csrf" value="([^"]+)"', pages[0])
        assert again is not None
        answer = await session.post("/calls/export", data={"csrf": again[1], "form": "csv"})
        assert answer.status == 200
        table = await answer.text()
    return "".join(pages), table

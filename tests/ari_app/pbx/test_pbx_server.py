"""A real Asterisk, from the packages, on free ports: starting, stopping, and being asked."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ari_app.pbx.accounts import accounts
from ari_app.pbx.errors import PortInUseError, StartError
from ari_app.pbx.install import ensure_runtime
from ari_app.pbx.realtime import ASTERISK_PRIORITY, prefer, preferred
from ari_app.pbx.secret_store import load_or_create_secrets
from tests.ari_app.pbx.asterisk_tools import RUNTIME, Ami, Ari, free_settings, running
from tests.ari_app.pbx.sip_probe import probe

pytestmark = pytest.mark.e2e


async def test_a_clean_start_logs_no_warning_and_no_error(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server:
        health = await server.health()
        assert health.missing_modules == ()
        assert health.version.startswith("22.")
        assert 0 <= health.uptime_s < 60
    for name in ("full.log", "console.log"):
        said = (server.paths.log / name).read_text()
        assert "WARNING" not in said and "ERROR" not in said, said


@pytest.mark.parametrize("wanted", [True, False])
async def test_its_threads_go_before_other_programs_where_that_is_allowed(tmp_path: Path, wanted: bool) -> None:
    settings = free_settings()
    settings = settings.model_copy(update={"asterisk": settings.asterisk.model_copy(update={"realtime": wanted})})
    async with running(tmp_path, settings) as server:
        assert server.pid is not None
        await server.rx("module reload res_pjsip.so")  # later threads are started by earlier ones
        assert policies(server.pid) == {os.SCHED_RR if wanted and allowed() else os.SCHED_OTHER}
        assert preferred(server.pid) == (wanted and allowed())


def policies(pid: int) -> set[int]:
    return {os.sched_getscheduler(int(entry.name)) for entry in Path(f"/proc/{pid}/task").iterdir()}


def allowed() -> bool:
    """Tried by a process of its own."""
    program = f"import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param({ASTERISK_PRIORITY}))"
    return subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0


def test_a_process_that_is_gone_has_no_priority() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not prefer(ended.pid)
    assert not preferred(ended.pid)


async def test_nothing_can_be_read_by_others(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server:
        assert server.paths.base.stat().st_mode & 0o777 == 0o700
        for path in server.paths.etc.rglob("*"):
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


async def test_it_can_be_started_again_and_keeps_its_passwords(tmp_path: Path) -> None:
    settings = free_settings()
    async with running(tmp_path, settings) as server:
        pids, secrets = [server.pid], server.secrets
        await server.stop()
        pids.append(server.pid)
        await server.start()
        pids.append(server.pid)
    assert pids[1] is None and None not in (pids[0], pids[2]) and pids[0] != pids[2]
    assert load_or_create_secrets(tmp_path) == secrets


async def test_a_killed_asterisk_is_noticed_and_starts_again(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert await asyncio.wait_for(server.exited(), 2) == -signal.SIGKILL
        with pytest.raises(StartError, match="take commands"):
            await server.rx("core show uptime")
        await server.start()
        assert (await server.health()).missing_modules == ()


async def test_it_comes_back_with_what_was_applied_whatever_is_being_written(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server:
        applied = server.paths.etc / "patchcord.d/extensions.conf"
        applied.write_text(applied.read_text().replace("exten => 101,", "exten => 7101,"))
        (tmp_path / "routes.yaml").write_text("routes: [half")
        (tmp_path / "trunks.yaml").write_text("trunks: [half")
        await server.stop()
        await server.start()
        assert "7101" in await server.rx("dialplan show patchcord-numbers")


async def test_two_instances_run_side_by_side(tmp_path: Path) -> None:
    async with running(tmp_path / "a", free_settings()) as one, running(tmp_path / "b", free_settings()) as two:
        assert one.pid != two.pid
        assert (await one.health()).missing_modules == (await two.health()).missing_modules == ()


async def test_a_data_folder_too_deep_for_a_socket_works(tmp_path: Path) -> None:
    async with running(tmp_path / ("deep" * 30), free_settings()) as server:
        run = server.paths.run
        assert (await server.health()).missing_modules == ()
    assert not run.exists()


@pytest.mark.parametrize(
    ("part", "field", "kind"),
    [("sip", "port", "udp"), ("sip", "port", "tcp"), ("asterisk", "http_port", "tcp"), ("asterisk", "ami_port", "tcp")],
)
async def test_a_taken_port_is_named_with_its_owner_and_its_setting(tmp_path: Path, part: str, field: str, kind: str) -> None:
    settings = free_settings()
    port: int = getattr(getattr(settings, part), field)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", port))
        if kind == "tcp":
            other.listen()
        with pytest.raises(PortInUseError) as caught:
            async with running(tmp_path, settings):
                pass
    message = str(caught.value)
    assert f"{kind.upper()} port {port}" in message
    assert f"(process {os.getpid()})" in message
    assert f"{part}.{field}" in message


async def test_ari_wants_a_password_and_answers_with_it(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server, Ari(server) as ari:
        assert (await ari.get("/asterisk/info"))["system"]["version"].startswith("22.")
        ari._session.headers["Authorization"] = "Basic bm86bm8="
        assert await ari.call("GET", "/asterisk/info") == 401


async def test_ami_does_what_the_application_needs_and_no_more(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server, Ami(server) as ami:
        assert (await ami.login())["Response"] == "Success"
        assert (await ami.send(Action="Ping"))["Response"] == "Success"
        assert (await ami.send(Action="QueueStatus", Queue="support"))["Response"] == "Success"
        assert (await ami.send(Action="Setvar", Variable="X", Value="1"))["Response"] == "Success"
        for action in ({"Command": "core show uptime"}, {}):
            refused = await ami.send(Action="Command" if action else "Originate", **action)
            assert refused["Response"] == "Error" and "ermission" in refused["Message"]


async def test_ami_refuses_a_wrong_password(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server, Ami(server) as ami:
        assert (await ami.login("wrong"))["Response"] == "Error"


async def test_malformed_sip_leaves_it_alive(tmp_path: Path) -> None:
    settings = free_settings()
    async with running(tmp_path, settings) as server, probe("127.0.0.1", ("127.0.0.1", settings.sip.port)) as peer:
        whole = (await peer.call("999")).compose("INVITE", body=peer.sdp())
        rubbish = [b"", b"\0" * 2000, b"\r\n\r\n", b"INVITE", b"INVITE sip:\xff\xfe SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n"]
        rubbish += [whole.encode()[:cut] for cut in range(1, len(whole), 37)]
        rubbish += [
            whole.replace("Content-Length: ", "Content-Length: 99").encode(),
            whole.replace("CSeq: ", "CSeq: 99999999999999").encode(),
        ]
        rubbish += [whole.replace("m=audio", "m=audio 99999999").encode(), whole.replace("Via:", "Via: " + "x" * 4000).encode()]
        for data in rubbish:
            peer.send(data)
        assert (await peer.call("999")).final.status == 404
        assert (await server.health()).missing_modules == ()


async def test_accounts_are_those_of_the_generated_passwords(tmp_path: Path) -> None:
    settings = free_settings()
    secrets = load_or_create_secrets(tmp_path)
    found = accounts(settings, secrets)
    assert [(account.user, account.role) for account in found] == [("1001", "caller"), ("2001", "agent"), ("2002", "agent")]
    assert all(account.password == secrets.phones[account.user] and len(account.password) >= 20 for account in found)
    assert {(account.server, account.port) for account in found} == {("127.0.0.1", settings.sip.port)}
    assert all(account.password not in repr(account) for account in found)
    assert secrets.ari_password not in repr(secrets)


async def test_a_finished_runtime_is_taken_as_it_stands(tmp_path: Path) -> None:
    stages: list[str] = []
    install = await ensure_runtime(RUNTIME, free_settings(), lambda stage, done, total: stages.append(stage))
    assert stages == []
    assert install.asterisk.source == "packages"
    assert install.asterisk.major == 22
    assert install.root.has("flite") and not install.root.has("no-such-program")


async def test_starting_twice_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server:
        with pytest.raises(StartError, match="runs already"):
            await server.start()


_PARENT = """
import asyncio, os, sys
from pathlib import Path
from ari_app.settings import Settings
from ari_app.pbx.install import ensure_runtime
from ari_app.pbx.realtime import ASTERISK_PRIORITY, prefer, preferred
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.pbx.server import AsteriskServer

async def start(runtime, data, settings):
    install = await ensure_runtime(runtime, settings)
    server = AsteriskServer(install.asterisk, data, settings, load_or_create_secrets(data))
    await server.start()
    print(server.pid, flush=True)
    os._exit(0)

asyncio.run(start(Path(sys.argv[1]), Path(sys.argv[2]), Settings.model_validate_json(sys.argv[3])))
"""


async def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    arguments = (str(RUNTIME), str(tmp_path), free_settings().model_dump_json())
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", _PARENT, *arguments, stdout=asyncio.subprocess.PIPE)
    said, _ = await parent.communicate()
    pid = int(said)
    for _ in range(100):
        if not alive(pid):
            return
        await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("Asterisk outlived its parent")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

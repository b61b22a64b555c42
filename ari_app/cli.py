"""The command line: ``patchcord COMMAND``. Each command lives in ari_app/commands/."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ari_app.commands.agents.parser import add_agents
from ari_app.commands.backup.parser import add_backup
from ari_app.commands.desk.parser import add_desk
from ari_app.commands.dialplan.parser import add_dialplan
from ari_app.commands.emotion.parser import add_emotion
from ari_app.commands.freepbx.parser import add_freepbx
from ari_app.commands.maintenance.parser import add_maintenance
from ari_app.commands.rules.parser import add_rules
from ari_app.commands.run.parser import add_fetch, add_run
from ari_app.commands.trunk.parser import add_trunk
from ari_app.commands.workers.parser import add_workers
from ari_app.secret_files import SecretFileUnusable, take_secret_files
from ari_app.service.layout import DEFAULT_DATA

EPILOG = """\
first steps:
  ./patchcord up              start everything and watch calls (Ctrl-C ends it)
  ./patchcord call            in another terminal: hear a scripted caller talk to the agent
  ./patchcord agents          try, check and test agents in the terminal
  ./patchcord phones          accounts for your own SIP phones
  ./patchcord doctor          when something does not work
"""


class Formatter(argparse.RawDescriptionHelpFormatter):
    pass


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of this instance (default: .patchcord/data)")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="patchcord", description="An AI operator for Asterisk.", epilog=EPILOG, formatter_class=Formatter)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    up = commands.add_parser("up", help="start everything, show live calls", description="Starts PostgreSQL, Asterisk and the worker.")
    _data(up)
    up.add_argument("--config", type=Path, metavar="FILE", help="settings (default: patchcord.yaml when it is there)")
    up.add_argument("--background", action="store_true", help="return when ready; end it with: patchcord down")
    for flag, meaning in (
        ("--sip-port", "UDP and TCP port for SIP phones and trunks (5060)"),
        ("--http-port", "loopback port of Asterisk's HTTP server (8088)"),
        ("--ami-port", "loopback port of the Asterisk manager (5038)"),
        ("--status-port", "loopback port of /status, /healthz, /metrics (8090)"),
        ("--desk-port", "port of the pages for agents and supervisors (8095)"),
        ("--rtp-first", "first RTP port of Asterisk (10000); 2,000 are used"),
        ("--media-first", "first RTP port of the media process (20000); 200 are used"),
    ):
        up.add_argument(flag, type=int, metavar="PORT", help=meaning)
    up.add_argument("--mind", metavar="MODULE", default="ari_app.service.mind", help="module that serves calls, to try other tools")
    up.add_argument("--bind", metavar="ADDRESS", help="address for SIP and RTP (0.0.0.0)")
    up.add_argument("--accept-old-mirror", action="store_true", help="use a package mirror whose Release file has expired")

    down = commands.add_parser("down", help="end an instance started with up --background")
    _data(down)
    down.add_argument("--drain", action="store_true", help="take no new calls, and end when the live ones have ended (service.drain_s)")

    status = commands.add_parser("status", help="ready, versions, ports, live calls, resources")
    _data(status)
    _json(status)

    phones = commands.add_parser("phones", help="SIP accounts and their passwords")
    _data(phones)
    _json(phones)

    call = commands.add_parser(
        "call",
        help="place a real SIP call from a scripted caller",
        description="Waits for its turn to speak, prints what was said with times, keeps both sides as WAV files. "
        "Steps are spoken in the order given; without any, a short built-in conversation is played.",
    )
    _data(call)
    _json(call)
    call.add_argument("number", nargs="?", default="100", help="100 front desk, 101 echo, 200 queue support (default: 100)")
    call.add_argument("--text", dest="steps", action=_Step, metavar='"…"', help="a sentence to speak (repeatable)")
    call.add_argument("--say", dest="steps", action=_Step, metavar="FILE.wav", help="a recording to play (repeatable)")
    call.add_argument("--keys", dest="steps", action=_Step, metavar="DIGITS", help="keys to press (repeatable)")
    call.add_argument("--wait", dest="steps", action=_Step, metavar="SECONDS", help="stay silent for so long (repeatable)")
    call.add_argument("--phone", action="store_true", help="call as the registered phone 1001 instead of the loopback trunk")
    call.add_argument("--out", type=Path, metavar="DIR", help="where the WAV files go (default: DATA/calls)")

    calls = commands.add_parser("calls", help="history: list, or: calls show ID", description="Call history from PostgreSQL.")
    _data(calls)
    _json(calls)
    calls.add_argument("action", nargs="?", choices=["list", "show"], default="list")
    calls.add_argument("id", nargs="?", help="the call's id, or enough of its beginning")
    calls.add_argument("--limit", type=int, default=20, metavar="N", help="newest N calls (default: 20)")

    doctor = commands.add_parser("doctor", help="check ports, versions, modules and the audio path; say how to mend what is wrong")
    _data(doctor)
    _json(doctor)
    doctor.add_argument("--security", action="store_true", help="look at who could do what with it instead")
    doctor.add_argument("--config", type=Path, metavar="FILE", help="settings (default: patchcord.yaml when it is there)")

    add_agents(commands)
    add_desk(commands)
    add_dialplan(commands)
    add_freepbx(commands)
    add_rules(commands)
    add_trunk(commands)
    add_emotion(commands)
    add_run(commands)
    add_fetch(commands)
    add_workers(commands)
    add_maintenance(commands)
    add_backup(commands)

    background = commands.add_parser("tasks", help="webhooks that nobody took; what the next purge would remove")
    parts = background.add_subparsers(dest="tasks_action", metavar="ACTION", required=True)
    letters = parts.add_parser("dead-letters", help="webhooks that were given up, with the reason")
    again = parts.add_parser("redeliver", help="send one of them again, or all")
    again.add_argument("id", nargs="?", metavar="ID", help="which; without it all")
    purge = parts.add_parser("retention", help="what a purge would remove now; nothing is touched")
    for part in (letters, again, purge):
        _data(part)
    _json(letters)
    _json(purge)

    test = commands.add_parser("test", help="prepare what the tests need and run them all", description="Other arguments go to pytest.")
    test.add_argument("--quick", action="store_true", help="leave out the tests that place calls")

    bench = commands.add_parser("bench", help="measurements on a running instance", add_help=False)
    bench.add_argument("name", nargs="?", help="which; without a name they are listed")

    commands.add_parser("settings", help="print every setting with its default and meaning")
    return parser


class _Step(argparse.Action):
    """Keeps --text, --say, --keys and --wait in the order in which they were given."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option_string: str | None = None
    ) -> None:
        steps = [*(getattr(namespace, self.dest) or []), ((option_string or "").lstrip("-"), str(values))]
        setattr(namespace, self.dest, steps)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status: 0 done, 1 failed with a message, 2 wrong usage."""
    parser = build_parser()
    options, rest = parser.parse_known_args(argv)
    if rest and options.command not in ("test", "bench"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        take_secret_files(os.environ)
    except SecretFileUnusable as error:
        sys.stderr.write(f"patchcord: {error}\n")
        return 1
    try:
        return _dispatch_plain(options) if options.command in ("test", "bench", "emotion", "settings") else asyncio.run(_dispatch(options))
    except KeyboardInterrupt:
        return 130


async def _dispatch(options: argparse.Namespace) -> int:
    # Imported late: `patchcord --help` answers without loading models and servers.
    from ari_app.commands import errors

    try:
        match options.command:
            case "up":
                from ari_app.commands.up import up

                return await up(options)
            case "down":
                from ari_app.commands.down import down

                return await down(options)
            case "status":
                from ari_app.commands.status import status

                return await status(options)
            case "phones":
                from ari_app.commands.phones import phones

                return await phones(options)
            case "call":
                from ari_app.commands.call import call

                return await call(options)
            case "calls":
                from ari_app.commands.history import history

                return await history(options)
            case "doctor":
                from ari_app.commands.doctor import doctor

                return await doctor(options)
            case "agents":
                from ari_app.commands.agents.command import agents

                return await agents(options)
            case "desk":
                from ari_app.commands.desk.command import desk

                return await desk(options)
            case "workers":
                from ari_app.commands.workers.command import workers

                return await workers(options)
            case "maintenance":
                from ari_app.commands.maintenance.command import maintenance

                return await maintenance(options)
            case "backup" | "restore":
                from ari_app.commands.backup.command import backup, restore

                return await (backup if options.command == "backup" else restore)(options)
            case "dialplan":
                from ari_app.commands.dialplan.command import dialplan

                return await dialplan(options)
            case "freepbx":
                from ari_app.commands.freepbx.command import freepbx

                return await freepbx(options)
            case "rules":
                from ari_app.commands.rules.command import rules

                return await rules(options)
            case "run" | "fetch":
                from ari_app.commands.run.command import fetch, run

                return await (run if options.command == "run" else fetch)(options)
            case "trunk":
                from ari_app.commands.trunk.command import trunk

                return await trunk(options)
            case "tasks":
                from ari_app.commands.tasks import tasks

                return await tasks(options)
            case other:
                raise AssertionError(other)
    except errors.expected() as error:
        sys.stderr.write(f"patchcord: {error}\n")
        return 1


def _dispatch_plain(options: argparse.Namespace) -> int:
    if options.command == "emotion":
        from ari_app.commands.emotion.command import emotion

        return emotion(options)
    if options.command == "test":
        from ari_app.commands.test import run_tests

        return run_tests(options.rest, quick=options.quick)
    if options.command == "bench":
        from ari_app.commands.bench import run_bench

        return run_bench(options.name, options.rest)
    from ari_app.settings_example import example_file

    print(example_file(), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

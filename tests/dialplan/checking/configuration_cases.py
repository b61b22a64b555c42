"""Configurations in a compact form: a sound one of a small company, and what each case changes in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import available_timezones

from dialplan.checking.finding import Finding, Place
from dialplan.checking.linter import lint
from dialplan.checking.seal import sealed
from dialplan.checking.surroundings import Surroundings, Worker
from dialplan.errors import DialplanError
from dialplan.extensions import Plan
from dialplan.generated import Access, Site, generate
from dialplan.routes import default_routes, parse_routes

HERE = Path(__file__).parent
AGENTS = frozenset({"front-desk", "echo", "billing"})
SOUNDS = frozenset(
    [
        *("vm-nobodyavail", "queue-thankyou", "please-try-call-later", "goodbye", "hello-world", "demo-congrats", "tt-monkeys"),
        *("queue-youarenext", "queue-thereare", "queue-callswaiting", "queue-holdtime", "ss-noservice"),
    ]
)
_SECTION = re.compile(r"^(===|---|\+\+\+|~~~|xxx|expect:|around:|YAML)[ ]?(.*)$")


@dataclass
class Case:
    """One configuration and what is to be found in it."""

    name: str
    files: dict[str, str]
    major: int = 22
    modes: dict[str, int] = field(default_factory=dict)
    routes: str = ""
    expected: list[tuple[str, str, str]] = field(default_factory=list)
    """File, text on the line (empty: the whole file), words of what is said."""

    def surroundings(self) -> Surroundings:
        worker = Worker(ari_password="ari-secret", ami_password="ami-secret", http_port=8088, ami_port=5038, max_calls=100, agents=AGENTS)
        return Surroundings(
            asterisk_major=self.major,
            root="/etc/asterisk",
            has_sound=SOUNDS.__contains__,
            zones=frozenset(available_timezones()),
            modes=self.modes,
            worker=worker,
            more=self._routes(),
        )

    def _routes(self) -> tuple[Finding, ...]:
        if not self.routes:
            return ()
        try:
            parse_routes(self.routes, "routes.yaml", agents=AGENTS)
        except DialplanError as error:
            found = (re.match(r"(?P<file>[^:]+):(?P<line>\d+): (?P<what>.*); (?P<remedy>.*)", line) for line in str(error).splitlines())
            return tuple(Finding(Place(one["file"], int(one["line"])), one["what"], one["remedy"]) for one in found if one)
        return ()

    def findings(self) -> list[Finding]:
        return lint(self.files, self.surroundings())

    def line_of(self, file: str, text: str) -> int:
        lines = (self.files[file] if file != "routes.yaml" else self.routes).splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line) if text else 0


def base(major: int = 22) -> dict[str, str]:
    """The company's own files, and what Patchcord gives it."""
    plan = Plan(
        routes=default_routes("support", {}),
        app="patchcord",
        fallback_queue="support",
        queue_timeout_s=30,
        deadman_s=6,
        phones=(),
        asterisk_major=major,
    )
    access = Access("patchcord", "ari-secret", "patchcord", "ami-secret")
    ours = generate(Site(plan, access, (), 0, own=False))
    theirs = next(_blocks((HERE / "base.txt").read_text()))
    return {**theirs.files, **{name: sealed(text) for name, text in ours.items()}}


def cases(file: str) -> list[Case]:
    """Read the cases of a data file."""
    return list(_blocks((HERE / file).read_text(), with_base=True))


def _blocks(text: str, *, with_base: bool = False) -> Iterator[Case]:
    case: Case | None = None
    kind, name, lines = "", "", list[str]()
    for line in [*text.splitlines(), "=== "]:
        match = _SECTION.match(line)
        if match is None:
            lines.append(line)
            continue
        if case is not None:
            _change(case, kind, name, lines)
        kind, name, lines = match[1], match[2], []
        if kind == "===":
            if case is not None:
                yield case
            case = Case(name, base() if with_base and name else {})
        elif kind == "expect:" and case is not None:
            file, on_line, words = (part.strip() for part in name.split(" | "))
            case.expected.append((file, on_line, words))
        elif kind == "around:" and case is not None:
            key, _, value = name.partition("=")
            if key == "major":
                case.major = int(value)
                case.files = base(case.major)
            else:
                case.modes[key] = int(value, 8)


def _change(case: Case, kind: str, name: str, lines: list[str]) -> None:
    body = "\n".join(lines).strip("\n")
    match kind:
        case "---":
            case.files[name] = body + "\n"
        case "+++":
            case.files[name] = case.files.get(name, "") + body + "\n"
        case "xxx":
            del case.files[name]
        case "YAML":
            case.routes = body + "\n"
        case "~~~":
            for line in body.splitlines():
                old, _, new = line.partition(" ==> ")
                assert old in case.files[name], (case.name, name, old)
                case.files[name] = case.files[name].replace(old, new.rstrip().replace("@", "\n"), 1)

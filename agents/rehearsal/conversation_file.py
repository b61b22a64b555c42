"""Conversation files: a call written down, and what must come of it.

.. code-block:: yaml

    agent: front-desk                    # its name, or a path beside this file ("./orders.yaml")
    name: an order that is on its way
    now: "2026-11-20T10:00:00+00:00"     # the clock stands still here
    learned: {caller: "5550101"}         # known before the call begins: the number that calls, or any slot
    tools:
      orders.find: {gives: {found: true, status: shipped, item: a lamp, expected_on: "2026-11-27"}}
    steps:
      - says: [How can I help]           # the first step may have no caller: the greeting
      - caller: where is my order
        node: order_number
      - keys: "10482"                    # or silence: true
        says: ["one zero four eight two", /right\\?$/]
        absent: [sorry]
      - caller: yes
        tool: {name: orders.find, with: {number: "10482"}}
        says: a lamp
      - caller: I want to talk to a person
        ends: transfer
        queue: support
      # - announces: place               # somebody outside wants it said; a step may also have `learns: {position: "2"}`
    tools_called: [orders.find]          # of the whole call, in order
    slots: {order_number: "10482"}

Texts are looked for anywhere in what the agent says in that step, whatever their case; ``/…/`` is a regular expression, ``/…/i``
one for any case. Files for the agents of a folder lie in its subfolder ``conversations``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from agents.flows.errors import AgentError
from agents.flows.names import nearest
from agents.flows.shelf import read_text
from agents.flows.yaml_tree import compose, construct, place_of
from agents.rehearsal.script_files import Scripts, scripts_in, together
from agents.rehearsal.scripted_tools import Answers
from agents.rehearsal.scripted_turns import ScriptedTurn
from agents.rehearsal.typed_line import Input, Keys, Silence, Words, plain_keys

FOLDER: Final = "conversations"
"""Subfolder of a folder of flow files in which their conversation files are."""


class ConversationError(Exception):
    """The file cannot be used; one line per problem, each with file, line and remedy."""


def _several(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


def pattern_of(text: str) -> re.Pattern[str] | None:
    """The regular expression in ``/…/`` or ``/…/i``; None: plain words. Raises ValueError."""
    if not (match := re.fullmatch(r"/(.+)/(i?)", text, re.DOTALL)):
        return None
    try:
        return re.compile(match[1], re.IGNORECASE if match[2] else 0)
    except re.error as error:
        raise ValueError(f"{text} is no regular expression: {error}") from error


def _phrase(text: str) -> str:
    if not text.strip():
        raise ValueError("an empty text fits everything; write what must be said")
    pattern_of(text)
    return text


def _moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write it as 2026-11-20T10:00:00+00:00")
    return text


Phrase = Annotated[str, AfterValidator(_phrase)]
Phrases = Annotated[tuple[Phrase, ...], BeforeValidator(_several, json_schema_input_type=str | tuple[str, ...])]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ToolExpectation(_Part):
    """A tool that must have been called in this step."""

    name: str
    arguments: Mapping[str, Any] = Field(default_factory=dict, alias="with", description="Among its arguments.")
    failed: bool | None = Field(None, description="Whether it must have failed; left out: either.")


def _tools(value: object) -> object:
    return [{"name": item} if isinstance(item, str) else item for item in (value if isinstance(value, list | tuple) else [value])]


ToolExpectations = Annotated[
    tuple[ToolExpectation, ...],
    BeforeValidator(_tools, json_schema_input_type=str | ToolExpectation | tuple[str | ToolExpectation, ...]),
]
Ending = Literal["transfer", "queue", "callback", "end"]


class Step(_Part):
    """One thing that the caller does, and what must come of it."""

    caller: str | None = Field(None, min_length=1, description="What the caller says, as the recogniser would write it.")
    keys: Annotated[str, AfterValidator(plain_keys)] | None = Field(None, description="Keys pressed, such as '10482'.")
    silence: Literal[True] | None = Field(None, description="The caller says nothing for the no-input time.")
    returns: str | None = Field(None, description="The caller comes back from the queue, with this status: TIMEOUT, JOINEMPTY, …")
    announces: str | None = Field(None, description="One of the agent's announcements is asked for from outside.")
    learns: Mapping[str, str] = Field(default_factory=dict, description="Slots that become known from outside before this.")
    later_s: float = Field(0.0, ge=0, description="So many seconds pass on the clock before this.")

    says: Phrases = Field((), description="Texts or /expressions/ that the agent must say in this step.")
    absent: Phrases = Field((), description="Texts or /expressions/ that it must not say in this step.")
    node: str | None = Field(None, description="Node of the flow where the dialogue must be.")
    slots: Mapping[str, str | None] = Field(default_factory=dict, description="Slots that must have these values; null: none.")
    tool: ToolExpectations = Field((), description="Tools that must be called in this step.")
    event: Annotated[tuple[str, ...], BeforeValidator(_several, json_schema_input_type=str | tuple[str, ...])] = Field(
        (), description="Events that must be noted in this step, such as no_input."
    )
    language: str | None = Field(None, description="Language that the call must be in.")
    ends: Ending | None = Field(None, description="How the call must end in this step. No step but the last may end it without this.")
    queue: str | None = Field(None, description="Queue that the caller must be sent to.")
    reason: str | None = Field(None, description="Reason with which the call must end.")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [name for name in ("caller", "keys", "silence", "returns", "announces") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"a step does one thing, this one has {' and '.join(given)}; make a step of each")
        return self

    @property
    def happens(self) -> bool:
        """False: only the agent's first words do."""
        return self.given is not None or self.returns is not None or self.announces is not None

    @property
    def given(self) -> Input | None:
        """What the caller does; None: nothing, or coming back from the queue."""
        if self.caller is not None:
            return Words(self.caller)
        if self.keys is not None:
            return Keys(self.keys)
        return Silence() if self.silence else None


class ConversationFile(_Part):
    """A call as a test."""

    agent: str = Field(description="Name of the agent, or the path of a flow file, relative to this file.")
    name: str = Field(description="What is shown in the summary.")
    now: Annotated[str, AfterValidator(_moment)] = Field("2026-11-20T10:00:00+00:00", description="The time of the call, with a time zone.")
    tools: Mapping[str, Answers] | Literal["live"] = Field(default_factory=dict, description="Answers per tool, or 'live': the real ones.")
    tools_from: Annotated[tuple[str, ...], BeforeValidator(_several, json_schema_input_type=str | tuple[str, ...])] = Field(
        (), description="Files, relative to this one, below whose 'tools:' are further answers: tried after those here."
    )
    model: tuple[ScriptedTurn, ...] | Literal["live"] = Field((), description="Turns of the language model, or 'live': the real one.")
    learned: Mapping[str, str] = Field(
        default_factory=dict, description="Slots known before the call begins, as they are kept; such as caller, the number that calls."
    )
    steps: tuple[Step, ...] = Field(min_length=1)

    says: Phrases = Field((), description="What the agent must have said somewhere in the call.")
    absent: Phrases = Field((), description="What the agent must not say in the whole call.")
    tools_called: tuple[str, ...] | None = Field(None, description="Exactly these tools, in this order.")
    never_called: tuple[str, ...] = Field((), description="Tools that must not be called in the whole call.")
    slots: Mapping[str, str | None] = Field(default_factory=dict, description="Slots at the end of the call; null: none.")
    ends: Ending | None = Field(None, description="How the call must end.")
    queue: str | None = None

    @model_validator(mode="after")
    def _inputs(self) -> Self:
        empty = [number for number, step in enumerate(self.steps[1:], 2) if not step.happens]
        if empty:
            raise ValueError(f"step {empty[0]} has no caller, keys, silence, returns or announces; only the first may go without")
        return self

    def moment(self) -> datetime:
        return datetime.fromisoformat(self.now)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation file that was read."""

    path: Path
    file: ConversationFile
    root: yaml.MappingNode
    scripts: Scripts
    """Answers of tools, those of ``tools_from`` included."""

    def line(self, *path: str | int) -> int:
        return place_of(self.root, [str(part) for part in path]).line

    @property
    def agent_file(self) -> str | Path:
        """A path beside this file, the agent to whose folder this file belongs, or a name in the library."""
        agent = self.file.agent
        if "/" in agent or agent.endswith((".yaml", ".yml")):
            return self.path.parent / agent
        homes = (folder.parent / f"{agent}.yaml" for folder in self.path.absolute().parents if folder.name == FOLDER)
        return next((home for home in homes if home.is_file()), agent)

    @property
    def live(self) -> bool:
        """It needs a running service or a real model."""
        return self.file.tools == "live" or self.file.model == "live"


def read_conversation(path: Path) -> Conversation:
    """Raises ConversationError."""
    try:
        root = compose(read_text(path), str(path))
        data = construct(root)
    except AgentError as error:
        raise ConversationError(str(error)) from error
    try:
        file = ConversationFile.model_validate(data)
    except ValidationError as error:
        raise ConversationError("\n".join(_messages(error, root))) from error
    try:
        others = [scripts_in(path.parent / name) for name in file.tools_from]
    except AgentError as error:
        raise ConversationError(str(error)) from error
    return Conversation(path, file, root, together(file.tools if file.tools != "live" else {}, *others))


def _messages(error: ValidationError, root: yaml.MappingNode) -> Iterator[str]:
    seen: set[str] = set()
    for item in error.errors():
        loc = [part for part in item["loc"] if not (isinstance(part, str) and ("[" in part or part in _UNION_TAGS))]
        text = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            text = f"unknown key{nearest(str(loc[-1]), _keys_beside(loc))}"
        elif item["type"] == "string_type" and isinstance(item["input"], int | float):
            text = f'must be text; put it in quotes: "{item["input"]}"'
        elif item["type"] == "missing":
            text = "is missing; add it"
        message = f"{place_of(root, list(map(str, loc)))}: {'.'.join(map(str, loc)) or 'the file'}: {text}"
        if message not in seen and not (item["type"] == "literal_error" and loc[:1] in (["tools"], ["model"])):
            seen.add(message)
            yield message


_UNION_TAGS = frozenset({"literal", "function-after", "function-before", "nullable"})


def _keys_beside(loc: Sequence[str | int]) -> list[str]:
    model: type[BaseModel] = Step if loc[:1] == ["steps"] and len(loc) == 3 else ToolExpectation if len(loc) > 3 else ConversationFile
    if loc[:1] == ["model"]:
        model = ScriptedTurn
    return [field.alias or name for name, field in model.model_fields.items()]


def json_schema() -> dict[str, Any]:
    """JSON Schema of conversation files, for editors; published as conversation.schema.json beside this module."""
    return ConversationFile.model_json_schema(by_alias=True)

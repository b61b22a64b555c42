"""Webhooks described in YAML: what a tool calls, with what, and how long it may take. Errors name file, line and remedy.

::

    defaults: {secret_env: SHOP_SECRET}           # any key of a tool; a tool's own goes before it
    tools:
      orders.find:
        description: Looks an order up by its number.
        url: ${SHOP_URL}/orders/{number}          # ${NAME}: out of the environment; {argument}: escaped, in the path only
        method: GET
        parameters: {number: "digits, number of the order"}
        safe: true
        result: [found, status]
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from agents.tools.names import TOOL_NAME, nearest
from agents.tools.toolbox import ToolInfo
from agents.tools.webhook_parameters import parameters_schema
from agents.tools.yaml_lines import YamlProblem, read_yaml

ENVIRONMENT: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""``${NAME}`` in an address or a header."""
PLACEHOLDER: Final = re.compile(r"(?<!\$)\{([^{}]*)\}")
"""``{argument}`` in an address."""

_SECRETIVE = re.compile(r"authorization|cookie|token|secret|password|api-?key", re.IGNORECASE)
_HEADER_NAME = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
_OURS = re.compile(r"host|connection|(content|transfer)-.*|accept-encoding|idempotency-key|patchcord-.*", re.IGNORECASE)


class WebhookFileError(Exception):
    """The file cannot be used; one line per problem."""


def _header_names(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.match(name) or re.search(r"[\r\n\0]", value):
            raise ValueError(f"{name!r} is no valid header")
        if _OURS.fullmatch(name):
            raise ValueError(f"{name} is set by the webhook itself; leave it out")
        if _SECRETIVE.search(name) and not ENVIRONMENT.search(value):
            raise ValueError(f"{name} holds a secret: put it into an environment variable and write ${{ITS_NAME}} here")
    return headers


class WebhookPart(BaseModel):
    """One tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = Field(min_length=1, description="What it does, for the model and for authors of flows.")
    url: str = Field(min_length=1)
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    parameters: Annotated[dict[str, Any], AfterValidator(parameters_schema)] = Field(default_factory=lambda: parameters_schema({}))
    headers: Annotated[dict[str, str], AfterValidator(_header_names)] = Field(default_factory=dict)
    secret_env: str = Field(
        "", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", description="Environment variable with the secret of the signature."
    )
    limit_s: float = Field(2.0, gt=0, le=30, description="Seconds for everything: connection, answer and repetitions.")
    safe: bool = Field(False, description="Changes nothing, so it may be repeated.")
    idempotent: bool = Field(False, description="The receiver remembers Idempotency-Key, so it may be repeated.")
    retries: int = Field(0, ge=0, le=4, description="Repetitions after a broken connection, a stall or a fault of the server.")
    result: tuple[str, ...] = Field((), description="Fields of the answer that are kept; none: all.")

    @model_validator(mode="after")
    def _fits(self) -> "WebhookPart":
        if self.retries and not (self.safe or self.idempotent):
            raise ValueError(
                "retries: a request that changes something is repeated only when idempotent: true says that the receiver can tell"
            )
        required = self.parameters.get("required", [])
        for name in PLACEHOLDER.findall(self.url):
            if name not in self.parameters.get("properties", {}):
                raise ValueError(f"url: {{{name}}} is no parameter; {nearest(name, list(self.parameters.get('properties', {})))}")
            if name not in required:
                raise ValueError(f"url: {{{name}}} may be left out of the arguments; make the parameter a required one")
        return self

    def info(self, name: str) -> ToolInfo:
        return ToolInfo(name, self.description, self.parameters, self.limit_s, self.safe)


class WebhookFile(BaseModel):
    """Needs no environment, so a file can be checked anywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tools: dict[str, WebhookPart]
    source: str = ""

    @property
    def environment(self) -> list[str]:
        """Names of the environment variables that it needs."""
        texts = [text for part in self.tools.values() for text in (part.url, *part.headers.values())]
        named = {name for text in texts for name in ENVIRONMENT.findall(text)}
        return sorted(named | {part.secret_env for part in self.tools.values() if part.secret_env})


def read_webhooks(path: Path) -> WebhookFile:
    """Raises WebhookFileError."""
    try:
        return parse_webhooks(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise WebhookFileError(f"{path}: cannot be read: {error}") from error


def parse_webhooks(text: str, source: str) -> WebhookFile:
    """``source``: the name shown in messages. Raises WebhookFileError."""
    try:
        lines = read_yaml(text, source)
    except YamlProblem as error:
        raise WebhookFileError(str(error)) from error
    problems = [
        f"{lines.at([key])}: {key}: unknown key; {nearest(str(key), ['defaults', 'tools'])}"
        for key in lines.data
        if key not in ("defaults", "tools")
    ]
    defaults, described = lines.data.get("defaults") or {}, lines.data.get("tools")
    if not isinstance(described, dict) or not described or not isinstance(defaults, dict):
        problems.append(f"{source}: needs 'tools', a mapping of names to webhooks (and 'defaults', if any, is a mapping)")
        raise WebhookFileError("\n".join(problems))
    tools: dict[str, WebhookPart] = {}
    for name, part in described.items():
        if not TOOL_NAME.match(str(name)):
            problems.append(f"{lines.at(['tools', name])}: {name}: names of tools are like orders.find")
        elif not isinstance(part, Mapping):
            problems.append(f"{lines.at(['tools', name])}: {name}: is a mapping with description and url")
        else:
            try:
                tools[name] = WebhookPart.model_validate({**defaults, **part})
            except ValidationError as error:
                problems += [_message(found, lines.at(["tools", name, *found["loc"]]), name) for found in error.errors()]
    if problems:
        raise WebhookFileError("\n".join(problems))
    return WebhookFile(tools=tools, source=source)


def _message(problem: Any, where: str, tool: str) -> str:
    path = ".".join(str(part) for part in problem["loc"])
    text = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        text = f"unknown key; {nearest(path, list(WebhookPart.model_fields))}"
    return f"{where}: {tool}{'.' if path else ''}{path}: {text}"

"""Fills the templates of ``asterisk-config/``; a value can never become an instruction of its own."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from .errors import DialplanError

TEMPLATES = Path(__file__).resolve().parents[1] / "asterisk-config"
_FORBIDDEN = "\r\n;"  # a new line starts an instruction, a semicolon hides the rest of one


def _finalize(value: Any) -> Any:
    text = str(value)
    if any(letter in text for letter in _FORBIDDEN):
        raise DialplanError(
            f"The value '{text[:40]}' holds a line break or a semicolon and cannot stand in Asterisk's configuration. Remove it."
        )
    return value


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # the output is Asterisk's configuration, not a web page: escaping for HTML would damage it
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )


def names() -> list[str]:
    """Return the configuration files that there are templates for, e.g. ``pjsip.conf``, sorted."""
    return sorted(path.name.removesuffix(".j2") for path in TEMPLATES.glob("*.conf.j2"))


def render(name: str, **values: object) -> str:
    """Return the configuration file ``name`` filled with ``values``.

    Raises:
        DialplanError: the template is missing or wrong, a value is missing, or a value is not safe to write.
    """
    try:
        return _environment().get_template(f"{name}.j2").render(**values)
    except TemplateError as error:
        raise DialplanError(f"asterisk-config/{name}.j2 cannot be filled: {error}. Correct the template.") from error

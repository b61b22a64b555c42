"""What an agent says at one point: several wordings that take turns, in one language or in several, and short forms of them.

Short forms are for callers to whom the agent should rather be brief (``Manner.short``). They stand beside the texts, by language::

    ask:
      en: ["On which number? Say or enter it, or say: this number."]
      es: ["¿A qué número? Dígalo o márquelo, o diga: este número."]
      short: {en: ["On which number?"], es: ["¿A qué número?"]}

A language without short forms is said in full. A flow that extends this one and writes a text anew as a list replaces the short forms
with it; if it writes one language anew, it has to write that language's short forms anew, too.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, ConfigDict, GetJsonSchemaHandler, RootModel, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticUndefined

from agents.flows.template import places, rename

FIRST: Final = ""
"""Stands for the first language of the agent, whichever that is."""
SHORT: Final = "short"
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_LANGUAGE_KEY: Final = f"^{_LANGUAGE.pattern}$"
_SHORT_FORMS: Final = "Short forms of the texts beside it, by language: said instead of them to a caller to whom the agent is rather brief."
_FORM: Final = f"{SHORT}."
"""In front of a language: its short forms."""


def _template(text: str) -> str:
    if not text.strip():
        raise ValueError("an empty sentence")
    places(text)
    return text


Text = Annotated[str, AfterValidator(_template)]


class Texts(RootModel[Mapping[str, tuple[Text, ...]]]):
    """``["Hello.", "Good day."]``, or ``{en: ["Hello."], es: ["Hola."]}``. A plain list is in the agent's first language.

    In ``root`` the short forms of ``en`` stand under ``short.en``. ``Texts()`` holds nothing and is false: only where a text may be
    left out.
    """

    model_config = ConfigDict(frozen=True)

    root: Mapping[str, tuple[Text, ...]] = {}

    @model_validator(mode="before")
    @classmethod
    def _by_language(cls, given: Any) -> Any:
        if given is PydanticUndefined:
            return {}
        if isinstance(given, Texts):
            return given.root
        if isinstance(given, list | tuple):
            given = {FIRST: given}
        elif not isinstance(given, Mapping):
            raise ValueError('write a list of wordings, ["…"], or one list per language, {en: ["…"]}')
        else:
            given = _flat(given)
        if not given or not all(given.values()):
            raise ValueError("an empty list of wordings; write at least one")
        return given

    @model_validator(mode="after")
    def _short_is_shorter(self) -> "Texts":
        for code, wordings in self.root.items():
            if code.startswith(_FORM):
                language = code.removeprefix(_FORM)
                if language not in self.root:
                    raise ValueError(f"short forms in {language!r}, but no text in it; write {{{language}: [...]}} beside them")
                longest = max(map(len, self.root[language]))
                if too_long := [text for text in wordings if len(text) >= longest]:
                    raise ValueError(f"the short form {too_long[0]!r} is not shorter than the text; shorten it or leave it out")
        return self

    def of(self, language: str, *, short: bool = False) -> tuple[str, ...]:
        """The wordings in ``language``; those of the first language where there are none. ``short``: their short forms, if any."""
        code = language if self.root.get(language) else FIRST if self.root.get(FIRST) else next(iter(self.root), FIRST)
        return (self.root.get(f"{_FORM}{code}", ()) if short else ()) or self.root.get(code, ())

    def written_in(self, language: str, first: str) -> tuple[str, ...]:
        """The wordings in ``language`` itself, short forms included; none where another would have to do.

        The plain list is in ``first``.
        """
        own = self.root.get(language) or (self.root.get(FIRST, ()) if language == first else ())
        return own + self.root.get(f"{_FORM}{language}", ())

    def speaks(self, language: str, first: str) -> bool:
        """Whether nothing is missing in ``language``, the plain list being in ``first``."""
        return not self.root or language in self.root or (language == first and FIRST in self.root)

    def in_first(self, language: str) -> "Texts":
        """The same with its plain list assigned to ``language``."""
        return Texts.model_construct({code or language: wordings for code, wordings in self.root.items()})

    def renamed(self, name: Mapping[str, str]) -> "Texts":
        """The same with other names in the placeholders."""
        return Texts.model_construct({code: tuple(rename(text, name) for text in wordings) for code, wordings in self.root.items()})

    def every(self) -> Iterator[tuple[str, str]]:
        """``(language, text)`` of all, short forms included; the language is FIRST in a plain list."""
        yield from ((code.removeprefix(_FORM), text) for code, wordings in self.root.items() for text in wordings)

    def __bool__(self) -> bool:
        return bool(self.root)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        wordings = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
        return {
            "description": "Wordings that take turns; a plain list is in the agent's first language. "
            "Placeholders: {slot}, {slot|digits}, {result.field}.",
            "anyOf": [wordings, {**_by_language(wordings), "properties": {SHORT: {"description": _SHORT_FORMS, **_by_language(wordings)}}}],
        }


def _by_language(wordings: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "patternProperties": {_LANGUAGE_KEY: wordings}, "additionalProperties": False, "minProperties": 1}


def _flat(given: Mapping[Any, Any]) -> dict[str, Any]:
    """Texts by language, and their short forms as ``short.<language>`` behind them. Raises ValueError."""
    texts = {key: value for key, value in given.items() if key != SHORT}
    short = given.get(SHORT, {})
    if not isinstance(short, Mapping) or (SHORT in given and not short):
        raise ValueError('write short forms by language, short: {en: ["…"]}, beside texts that are by language, too')
    for key in (*texts, *short):
        if not (isinstance(key, str) and _LANGUAGE.fullmatch(key)):
            raise ValueError(f"{key!r} is no language; write its two letters, such as en")
    return {**texts, **{f"{_FORM}{language}": wordings for language, wordings in short.items()}}

"""The JSON Schema of a rules file, for completion and first checks in an editor.

``python -m handoff.rules.schema`` writes it to ``rules.schema.json``. An editor with the YAML language server finds it by the first line of
a file: ``# yaml-language-server: $schema=<path>/rules.schema.json``. The loader checks far more.
"""

import json
from pathlib import Path
from typing import Any, Final

from handoff.rules.rule import RulesFile

FILE: Final = Path(__file__).with_name("rules.schema.json")
TITLE: Final = "Patchcord rules"


def rules_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    schema = RulesFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = TITLE
    condition = schema["$defs"]["Condition"]
    condition |= {"minProperties": 1, "maxProperties": 1}
    for name, part in condition["properties"].items():
        condition["properties"][name] = _given(part)
    for part in (schema, *schema["$defs"].values()):
        _tidy(part)
    return schema


def _given(part: dict[str, Any]) -> dict[str, Any]:
    """A condition that is written down is never null."""
    choices = [choice for choice in part.get("anyOf", ()) if choice.get("type") != "null"]
    return {key: value for key, value in part.items() if key not in ("anyOf", "default")} | choices[0] if len(choices) == 1 else part


def _tidy(part: dict[str, Any]) -> None:
    """What an editor shows: descriptions on one line, no titles made of keys."""
    if isinstance(part.get("description"), str):
        part["description"] = " ".join(part["description"].split())
    if isinstance(part.get("title"), str) and part["title"] != TITLE:
        del part["title"]
    if "patternProperties" in part:
        part["additionalProperties"] = False
    for inner in (*part.get("properties", {}).values(), *part.get("patternProperties", {}).values(), part.get("items")):
        if isinstance(inner, dict):
            _tidy(inner)


def written(schema: dict[str, Any]) -> str:
    """As it stands in the file."""
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(rules_schema()), "utf-8")

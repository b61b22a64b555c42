"""The JSON Schema of a flow file, for completion and first checks in an editor.

``python -m agents.flows.schema`` writes it to ``flow.schema.json``. An editor with the YAML language server finds it by the first line of a
file: ``# yaml-language-server: $schema=<path>/flow.schema.json``. The loader checks far more.
"""

import json
from pathlib import Path
from typing import Any, Final

from agents.flows.definition import AgentDefinition
from agents.turns.knobs import TurnKnobs

FILE: Final = Path(__file__).with_name("flow.schema.json")
TITLE: Final = "Patchcord flow"
_PARTIAL: Final = "Part of what stands under this name in the flow that is extended."


def flow_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    schema = AgentDefinition.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = TITLE
    needed = [key for key in schema.pop("required") if key != "name"]
    schema["required"] = ["name"]
    schema["if"] = {"anyOf": [{"required": ["extends"]}, {"required": ["abstract"]}]}
    schema["else"] = {"required": needed, "properties": {"everywhere": {"required": schema["$defs"]["Everywhere"].pop("required")}}}
    for key, identity in (("nodes", "do"), ("slots", "kind")):
        _allow_partial(schema["properties"][key], identity)
    knobs = TurnKnobs.model_json_schema(ref_template="#/$defs/{model}")
    schema["$defs"] |= knobs.pop("$defs") | {"TurnKnobs": knobs}
    for part in (schema, *schema["$defs"].values()):
        _tidy(part)
    return schema


def _allow_partial(entries: dict[str, Any], identity: str) -> None:
    """An extending file may change single keys of a node or slot, without saying again what it is."""
    for values in (entries.get("patternProperties") or {"": entries["additionalProperties"]}).values():
        whole = {key: values.pop(key) for key in list(values)}
        values["anyOf"] = [whole, {"type": "object", "description": _PARTIAL, "not": {"required": [identity]}}]


def _tidy(part: dict[str, Any]) -> None:
    """What an editor shows: one line of description, no names made of the key, the knobs of turn taking in full, no unknown names."""
    if isinstance(part.get("description"), str):
        part["description"] = " ".join(part["description"].split())
    if isinstance(part.get("title"), str) and part["title"] != TITLE:
        del part["title"]
    if "patternProperties" in part:
        part["additionalProperties"] = False
    properties = part.get("properties", {})
    if isinstance(properties.get("turns"), dict) and "$ref" not in properties["turns"]:
        properties["turns"] = {"$ref": "#/$defs/TurnKnobs", "description": properties["turns"]["description"]}
    for inner in (*properties.values(), *part.get("patternProperties", {}).values(), part.get("items")):
        if isinstance(inner, dict):
            _tidy(inner)


def written(schema: dict[str, Any]) -> str:
    """As it stands in the file."""
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(flow_schema()), "utf-8")

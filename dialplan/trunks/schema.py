"""The JSON Schema of trunks.yaml, for completion and first checks in an editor; the loader checks far more.

``python -m dialplan.trunks.schema`` writes it to ``trunks.schema.json``. An editor with the YAML language server finds it by the first line
of a file: ``# yaml-language-server: $schema=<path>/trunks.schema.json``.
"""

import json
from pathlib import Path
from typing import Any, Final

from .carriers import CARRIERS
from .model import TrunksFile

FILE: Final = Path(__file__).with_name("trunks.schema.json")


def trunks_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    schema = TrunksFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Patchcord trunks"
    schema["$defs"]["Trunk"]["properties"]["carrier"]["enum"] = ["", *CARRIERS]
    return schema


def written(schema: dict[str, Any]) -> str:
    """As it stands in the file."""
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(trunks_schema()), "utf-8")

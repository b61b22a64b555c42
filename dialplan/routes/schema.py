"""The JSON schema of ``routes.yaml``, for editors that complete and check while one writes."""

import json
from pathlib import Path
from typing import Any

from .model import Routes

FILE = Path(__file__).with_name("routes.schema.json")


def routes_schema() -> dict[str, Any]:
    """Return the schema of the model as it is now."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Routes.model_json_schema(), "title": "routes.yaml of Patchcord"}


def schema_text() -> str:
    """Return the text of the schema file."""
    return json.dumps(routes_schema(), indent=2, ensure_ascii=False) + "\n"

"""The keys that a file may have at some place, out of the pydantic models that read it."""

from typing import get_args

from pydantic import BaseModel


def model_in(annotation: object) -> type[BaseModel] | None:
    """The first model that an annotation names, however deep inside lists, mappings and unions; None when there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := model_in(inner))), None)


def model_below(model: type[BaseModel] | None, key: str | int) -> type[BaseModel] | None:
    """What stands under ``key`` of ``model``. A key that is no field, such as a name in a mapping, stays within the same model."""
    field = next((field for name, field in model.model_fields.items() if str(key) in (name, field.alias)), None) if model else None
    return model if field is None else model_in(field.annotation)


def keys_of(model: type[BaseModel] | None) -> list[str]:
    """As they are written in files."""
    return [field.alias or name for name, field in model.model_fields.items()] if model else []

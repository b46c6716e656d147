"""The client's models against the studio's committed OpenAPI document, field by field."""

import json
import subprocess
import types
import typing
from dataclasses import MISSING, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import pytest

from custom_components.mixtape.client import CONTRACT_VERSION, client, models
from custom_components.mixtape.client.models import JobCreate, Liveness, SongRequest
from tests.studio_process import ADDON, PYTHON

DOCUMENT = json.loads((ADDON / "openapi.json").read_text())

# The document may leave out what only crosses in an event stream.
_EVENT = "import json; from mixtape_studio.contract import Event; print(json.dumps(Event.model_json_schema()))"
EVENT = json.loads(
    subprocess.run([PYTHON, "-c", _EVENT], cwd=ADDON, capture_output=True, check=True, timeout=60).stdout
)
SCHEMAS: dict[str, dict[str, Any]] = {**EVENT.pop("$defs"), "Event": EVENT, **DOCUMENT["components"]["schemas"]}

SENT = {JobCreate, SongRequest}
MODELS = {
    name: model
    for name, model in vars(models).items()
    if isinstance(model, type) and model.__module__ == models.__name__ and not name.startswith("_")
}
DATACLASSES = {name: model for name, model in MODELS.items() if not issubclass(model, StrEnum)}
ENUMS = {name: model for name, model in MODELS.items() if issubclass(model, StrEnum)}
BODIES = {"HTTPValidationError", "ValidationError", "ProblemBody"}
"""Of the framework, or read by hand."""


def _plain(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A field's schema without its null, and whether it may be null."""
    options = schema.get("anyOf")
    if options is None:
        if len(schema.get("allOf", ())) == 1:
            return schema["allOf"][0], False
        return schema, False
    others = [option for option in options if option.get("type") != "null"]
    assert len(others) == 1, schema
    return others[0], len(others) < len(options)


def _expected(schema: dict[str, Any]) -> Any:
    """The Python type of a field's schema."""
    plain, nullable = _plain(schema)
    if "$ref" in plain:
        found: Any = MODELS[plain["$ref"].rpartition("/")[2]]
    elif plain.get("format") == "date-time":
        found = datetime
    elif plain["type"] == "array":
        found = list[_expected(plain["items"])]  # type: ignore[misc]
    elif plain["type"] == "object":
        found = dict[str, _expected(plain["additionalProperties"])]  # type: ignore[misc]
    else:
        found = {"string": str, "integer": int, "number": float, "boolean": bool}[plain["type"]]
    return found | None if nullable else found


def test_every_schema_has_its_model_and_the_other_way_round() -> None:
    assert set(MODELS) == set(SCHEMAS) - BODIES


@pytest.mark.parametrize("name", DATACLASSES)
def test_names_and_types(name: str) -> None:
    hints = typing.get_type_hints(DATACLASSES[name])
    properties = SCHEMAS[name]["properties"]
    assert {field.name for field in fields(DATACLASSES[name])} == set(properties)
    for field, schema in properties.items():
        assert _same(hints[field], _expected(schema)), f"{name}.{field}: {hints[field]} but {schema}"


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, types.UnionType) or isinstance(theirs, types.UnionType):
        return set(typing.get_args(ours)) == set(typing.get_args(theirs))
    return bool(ours == theirs)


@pytest.mark.parametrize("name", DATACLASSES)
def test_required_fields(name: str) -> None:
    model = DATACLASSES[name]
    required = {field.name for field in fields(model) if field.default is MISSING and field.default_factory is MISSING}
    theirs = set(SCHEMAS[name].get("required", ()))
    if model in SENT:
        # What they require we must send, and what we send by default must be their default.
        assert required == theirs
    elif issubclass(model, Liveness):
        # Ours wants the contract's version, whatever a studio's document promises about it.
        assert required | {"contract", "status"} == theirs | {"contract", "status"}
    else:
        # We may need no more than they promise; a field with a default of theirs is always sent, too.
        assert required <= theirs | {field for field, s in SCHEMAS[name]["properties"].items() if "default" in s}
        assert theirs <= required | {field.name for field in fields(model) if field.default is None}


@pytest.mark.parametrize("model", [JobCreate, SongRequest])
def test_defaults_of_what_is_sent(model: type[Any]) -> None:
    properties = SCHEMAS[model.__name__]["properties"]
    for field in fields(model):
        if field.default is not MISSING:
            assert field.default == properties[field.name].get("default"), field.name


@pytest.mark.parametrize("name", ENUMS)
def test_enum_values(name: str) -> None:
    ours = [member.value for member in ENUMS[name] if member.name != "UNKNOWN"]
    assert ours == SCHEMAS[name]["enum"]
    assert ENUMS[name]("from the future") is ENUMS[name]["UNKNOWN"]


def test_version() -> None:
    assert SCHEMAS["Liveness"]["properties"]["contract"]["default"] == CONTRACT_VERSION


def test_limits() -> None:
    parameters = DOCUMENT["paths"]["/v1/jobs"]["get"]["parameters"]
    (limit,) = (parameter["schema"] for parameter in parameters if parameter["name"] == "limit")
    assert limit["maximum"] == client.MAX_JOBS


def test_every_path_of_the_client_is_there() -> None:
    asked = {
        ("/v1/health", "get"),
        ("/v1/engines", "get"),
        ("/v1/jobs", "get"),
        ("/v1/jobs", "post"),
        ("/v1/jobs/{job_id}", "get"),
        ("/v1/jobs/{job_id}", "delete"),
        ("/v1/takes/{take_id}", "get"),
        ("/v1/takes/{take_id}/audio", "get"),
        ("/v1/takes/{take_id}/cover", "get"),
        ("/v1/events", "get"),
    }
    assert asked <= {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}

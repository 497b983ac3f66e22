"""Xero's own OpenAPI description as a guard: what it does not allow is refused before a counterpart sees it.

The description lies beside the project (../shared/data/specs); where it is absent, `SPEC` does not exist and nothing is guarded. The libraries that
read it take seconds to import, which every worker would pay: so they are imported when they are used.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import yaml

from tests.conftest import SHARED

if TYPE_CHECKING:
    from openapi_schema_validator import OAS30WriteValidator
    from werkzeug.wrappers import Request

SPEC = SHARED / "specs" / "xero_accounting.yaml"
BASE = "/api.xro/2.0"
PATHS = {
    "/Organisation": ("get",),
    "/Accounts": ("get",),
    "/TaxRates": ("get",),
    "/Currencies": ("get",),
    "/Contacts": ("get", "put"),
    "/Contacts/{ContactID}": ("get", "post"),
    "/Invoices": ("get", "put", "post"),
    "/Invoices/{InvoiceID}": ("get",),
    "/CreditNotes": ("get", "put", "post"),
    "/CreditNotes/{CreditNoteID}": ("get",),
}


@functools.cache
def whole() -> dict[str, Any]:
    return yaml.load(SPEC.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def trimmed(base: str) -> dict[str, Any]:
    """The description of the calls that we make, at another address. Its "false" for false is put right; who may call is asked by the server."""
    spec = whole()
    paths = {path: {name: _open(part) for name, part in spec["paths"][path].items() if name in (*methods, "parameters")} for path, methods in PATHS.items()}
    paths["/Contacts/{ContactID}"]["get"] = _by_number(paths["/Contacts/{ContactID}"]["get"])
    kept: dict[str, dict[str, Any]] = {}
    _reached(paths, spec["components"], kept)
    return _righted({"openapi": spec["openapi"], "info": spec["info"], "servers": [{"url": base + BASE}], "paths": paths, "components": kept})


def _open(part: Any) -> Any:
    return {name: value for name, value in part.items() if name != "security"} if isinstance(part, dict) else part


def _by_number(get: Mapping[str, Any]) -> dict[str, Any]:
    """Contacts are asked for by number at the same address as by identifier; the description has two paths that cannot be told apart."""
    anything = {"in": "path", "name": "ContactID", "required": True, "schema": {"type": "string", "maxLength": 50}}
    return {**get, "parameters": [anything]}


def _reached(part: Any, components: Mapping[str, Any], kept: dict[str, dict[str, Any]]) -> None:
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _reached(value, components, kept)
    if isinstance(part, dict) and str(part.get("$ref", "")).startswith("#/components/"):
        _, _, kind, name = part["$ref"].split("/")
        if name not in kept.setdefault(kind, {}):
            kept[kind][name] = components[kind][name]
            _reached(components[kind][name], components, kept)


def _righted(part: Any) -> Any:
    if isinstance(part, list):
        return [_righted(value) for value in part]
    if not isinstance(part, dict):
        return part
    boolean = part.get("type") == "boolean"
    made = {name: value == "true" if boolean and name in ("default", "example") and isinstance(value, str) else _righted(value) for name, value in part.items()}
    return {"$ref": made["$ref"]} if isinstance(made.get("$ref"), str) else made


class Guard:
    """Says of a request what Xero's description does not allow in it."""

    def __init__(self, base: str):
        from openapi_core import Config, OpenAPI
        from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest

        self.request = WerkzeugOpenAPIRequest
        self.spec = OpenAPI.from_dict(trimmed(base), config=Config(spec_validator_cls=None))  # whether Xero's description is a good one takes seconds to ask

    def errors(self, request: "Request") -> list[str]:
        if not request.path.startswith(BASE):
            return []
        return [text for error in self.spec.iter_request_errors(self.request(request)) for text in _said(error)]


def _said(error: Exception) -> Iterable[str]:
    found = getattr(error.__cause__, "schema_errors", None)
    if not found:
        return [f"{type(error).__name__}: {error.__cause__ or error}"]
    return ["/".join(map(str, one.absolute_path)) + f": {one.message[:200]}" for one in found]


@functools.cache
def _writer(schema: str) -> "OAS30WriteValidator":
    from openapi_schema_validator import OAS30WriteValidator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4

    registry = Registry().with_resource("urn:xero", Resource.from_contents(whole(), default_specification=DRAFT4))
    return OAS30WriteValidator({"$ref": f"urn:xero#/components/schemas/{schema}"}, registry=registry)


def body_errors(schema: str, body: Any) -> list[str]:
    """What the description says against a body that is to be written: readOnly fields are not to be in it."""
    return ["/".join(map(str, error.absolute_path)) + f": {error.message[:200]}" for error in _writer(schema).iter_errors(body)]


def unknown_names(schema: str, body: Mapping[str, Any]) -> set[str]:
    """Names in a body that the description does not have; the description itself lets any pass."""
    schemas = whole()["components"]["schemas"]
    return set(_unknown(schemas[schema], body, schemas))


def _unknown(schema: Mapping[str, Any], value: Any, schemas: Mapping[str, Any]) -> Iterable[str]:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        for one in value:
            yield from _unknown(schema.get("items", {}), one, schemas)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in schema.get("properties", {}):
                yield name
            else:
                yield from _unknown(schema["properties"][name], inner, schemas)

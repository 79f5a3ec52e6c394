"""`GET /openapi.json`: the API's description, its bodies taken from the types that read and write them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Final

import msgspec
from msgspec import Struct

from sparekey.wire import (
    PROBLEM_MEDIA_TYPE,
    GrantedBody,
    LicensesBody,
    ProblemBody,
    RenewBody,
    RenewedBody,
    ServerBody,
    TakeBody,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. `answers` are its successes by status, None for an empty one; `problems` its refusals."""

    method: str
    path: str
    summary: str
    answers: dict[int, type[Struct] | str | None]
    problems: tuple[int, ...] = ()
    body: type[Struct] | None = None
    secret: bool = False
    query: tuple[str, ...] = ()


OPERATIONS: Final = (
    Operation(
        *("post", "/v1/leases", "Take a seat, or take one's own seat over"),
        answers={201: GrantedBody, 200: GrantedBody},
        problems=(404, 409, 410, 413, 422, 503),
        body=TakeBody,
    ),
    Operation(
        *("post", "/v1/leases/{id}/renew", "Let a lease go on"),
        answers={200: RenewedBody},
        problems=(403, 404, 409, 410, 413, 422, 503),
        body=RenewBody,
        secret=True,
    ),
    Operation(
        *("delete", "/v1/leases/{id}", "Give a seat back"),
        answers={204: None},
        problems=(403, 422, 503),
        secret=True,
    ),
    Operation(
        *("get", "/v1/licenses", "The licenses, their seats and who holds them"),
        answers={200: LicensesBody},
        problems=(422,),
        query=("serial", "product", "after", "limit", "holders"),
    ),
    Operation("get", "/v1/server", "This license server", answers={200: ServerBody}),
    Operation("get", "/healthz", "Whether licenses can be granted", answers={200: "application/json"}, problems=(503,)),
    Operation("get", "/metrics", "Metrics for Prometheus", answers={200: "text/plain"}),
    Operation("get", "/openapi.json", "This description", answers={200: "application/json"}),
)

_BODIES: Final = (TakeBody, RenewBody, GrantedBody, RenewedBody, LicensesBody, ServerBody, ProblemBody)


@cache
def document() -> bytes:
    """The description as OpenAPI 3.1."""
    _, components = msgspec.json.schema_components(
        _BODIES, schema_hook=_any_schema, ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, dict[str, object]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Sparekey license server", "version": version("sparekey")},
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"secret": {"type": "http", "scheme": "bearer"}},
            },
        }
    )


def _any_schema(kind: type) -> dict[str, object]:
    """A license's terms are read by whoever knows them: here their members may be anything."""
    if kind is object:
        return {"description": "Any value"}
    raise NotImplementedError(kind)


def _described(operation: Operation) -> dict[str, object]:
    described: dict[str, object] = {
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": {str(status): _answer(body) for status, body in operation.answers.items()}
        | {str(status): _refusal() for status in operation.problems},
    }
    if operation.body:
        described["requestBody"] = {"required": True, "content": _content("application/json", operation.body)}
    if operation.secret:
        described["security"] = [{"secret": []}]
    return described


def _parameters(operation: Operation) -> list[dict[str, object]]:
    places = [("id", "path")] if "{id}" in operation.path else []
    places += [(name, "query") for name in operation.query]
    return [
        {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}} for name, place in places
    ]


def _answer(body: type[Struct] | str | None) -> dict[str, object]:
    if body is None:
        return {"description": "Done"}
    if isinstance(body, str):
        return {"description": "Done", "content": {body: {}}}
    return {"description": "Done", "content": _content("application/json", body)}


def _refusal() -> dict[str, object]:
    return {"description": "Refused (RFC 9457)", "content": _content(PROBLEM_MEDIA_TYPE, ProblemBody)}


def _content(media_type: str, body: type[Struct]) -> dict[str, object]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{body.__name__}"}}}

"""Sending requests of the matrix: whole and junk, and watching what they write."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict

# Tables that asking may touch without changing anything of the business.
HARMLESS = (
    "django_session",
    "usersessions_usersession",
    "api_idempotentanswer",
    "api_token",
    "clientela_cache",
)
TEXT_JUNK = [
    "", "x", "-1", "0", "9" * 30, "2026-99-99", "1e400", "NaN", "null", "[]", "{", "'\"><script>", "1,2,x",
    "../../etc/passwd", "🙂‮", "А" * 3000, "on", "%", "\\",
]  # fmt: skip
JSON_JUNK: list[Any] = [
    None, "", "x", -1, 0, 10**30, 2**63, -(2**63), 1.5, True, "2026-99-99", "9999-12-31T23:59:59Z", [], [None], {},
    {"x": 1}, ["x"] * 50, "А" * 3000, "1e400", "NaN",
]  # fmt: skip


class _Noting:
    """Remembers which names a view looked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)  # type: ignore[misc]

    def get(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)  # type: ignore[misc]

    def getlist(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().getlist(key, default)  # type: ignore[misc]

    def __contains__(self, key: object) -> bool:
        self._note(str(key))
        return super().__contains__(key)  # type: ignore[misc]

    def _note(self, key: str) -> None:
        if hasattr(self, "asked"):
            self.asked.add(key)


class Recording(_Noting, QueryDict):
    """A query or form that remembers."""


class RecordingFiles(_Noting, MultiValueDict[str, Any]):
    """Files of a form that remember."""


class RecordingMiddleware:
    """Puts recording queries, forms and files into each request and keeps the last ones for the test."""

    asked: dict[str, set[str]] = {"get": set(), "post": set(), "files": set()}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = Recording(request.META.get("QUERY_STRING", ""))
        form, files = Recording("", mutable=True), RecordingFiles()
        if request.method == "POST" and not request.path.startswith("/api/"):
            for name, values in request.POST.lists():
                form.setlist(name, values)
            for name, sent in request.FILES.lists():
                files.setlist(name, sent)
            request.POST = form  # type: ignore[assignment]
            request._files = files  # type: ignore[attr-defined]
        request.GET = query  # type: ignore[assignment]
        response = self.get_response(request)
        type(self).asked = {
            "get": set(query.asked),
            "post": set(form.asked),
            "files": set(files.asked),
        }
        return response


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def writes() -> Iterator[list[str]]:
    """Statements that changed a row of the business."""
    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        verb, _, rest = sql.lstrip().partition(" ")
        harmless = any(table in rest[:80] for table in HARMLESS)
        if verb.upper() in {"INSERT", "UPDATE", "DELETE"} and context["cursor"].rowcount and not harmless:
            seen.append(sql[:160])
        return result

    with connection.execute_wrapper(watch):
        yield seen


def browser(user: Any = None) -> Client:
    """A client that turns a crash into 500 instead of raising it."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def call(client: Client, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
    """One call of the API, with an Idempotency-Key where it is needed."""
    extra: dict[str, Any] = {}
    if body is not None or method in {"post", "put", "patch"}:
        data = body if isinstance(body, (str, bytes)) else json.dumps({} if body is None else body)
        extra = {"data": data, "content_type": "application/json"}
    if method == "post":
        headers.setdefault("Idempotency-Key", "matrix")
    return getattr(client, method)(path, headers=headers, **extra)


def file(content: bytes = b"\x00\xff\xfe junk") -> SimpleUploadedFile:
    """A file that is nothing."""
    return SimpleUploadedFile("junk.csv", content)


def body_of(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    """A value that fits ``schema``, as plain as can be."""
    if "$ref" in schema:
        return body_of(components[schema["$ref"].rsplit("/", 1)[-1]], components)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return body_of(schema[choice][0], components)
    if "default" in schema:
        return schema["default"]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "string")
    if kind == "object":
        required = schema.get("required", [])
        named = schema.get("properties", {}).items()
        fields = {name: body_of(one, components) for name, one in named if name in required}
        if schema.get("minProperties") and not fields:
            fields["x"] = body_of(schema["additionalProperties"], components)
        return fields
    if kind == "array":
        return [body_of(schema.get("items", {}), components)] * schema.get("minItems", 0)
    if kind in {"integer", "number"}:
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    if schema.get("title") == "Email":
        return "x@prichal.example"
    formats = {"date": "2026-11-20", "date-time": "2026-11-20T10:00:00Z", "time": "10:00"}
    return formats.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))

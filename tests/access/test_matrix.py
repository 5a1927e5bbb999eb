"""Every address × every role × own and foreign record, and junk: found by itself from resolver and description.

A new page or operation is in the matrix the moment its URL exists; a new parameter needs a record in ``records.py``.
"""

import re

import pytest
from django.urls import reverse

from clientela.config.api import api
from tests.access.conftest import ROLES, SCOPED
from tests.access.discovery import Address, operations, pages
from tests.access.requests import (
    JSON_JUNK,
    TEXT_JUNK,
    RecordingMiddleware,
    body_of,
    browser,
    call,
    file,
    undone,
    writes,
)

PAGES, OPERATIONS = pages(), operations()
# Pages that need no sign-in: sign-in itself, the client's own pages behind unguessable tokens, health.
PUBLIC = re.compile(r"account/|health/|t/|u/|pay/|media/|manifest|sw\.js|offline")
SIGNED_IN_ONLY = {"ui:gallery"}
# What a foreign record may never show to Казань.
FOREIGN_MARKS = ["Зимин", "gleb.zimin", "79020007301", "902 000-73-01", "0412779999"]
REFUSED = {400, 403, 404, 405, 415, 422}


def area(address: Address) -> str:
    """Addresses of one area share a test, and so its records; every one of them is tried."""
    words = address.route.removeprefix("api/v1/").split("/")
    return ("api:" if address.operation else "") + (words[0] or "start")


def _by_area(addresses):
    areas = {}
    for address in addresses:
        areas.setdefault(area(address), []).append(address)
    return pytest.mark.parametrize("addresses", areas.values(), ids=areas.keys())


each_page = _by_area(PAGES)
each_staff_page = _by_area([page for page in PAGES if not PUBLIC.match(page.route)])
each_operation = _by_area(OPERATIONS)


class Findings(list):
    """What is wrong with the addresses of an area, all of it."""

    def expect(self, good: bool, address: Address, *said) -> None:
        if not good:
            self.append(f"{address.route} {' '.join(map(str, said))}"[:400])

    def tell(self) -> None:
        assert not self, f"{len(self)} findings:\n" + "\n".join(self[:60])


def test_every_parameter_has_a_record(known):
    unknown = {
        (segment, name): address.route
        for address in PAGES + OPERATIONS
        for segment, name, _ in address.params
        if (segment, name) not in known
    }
    assert not unknown, f"tell tests/access/records.py about {unknown}"


def test_nobody_forgot_a_door():
    open_doors = [
        address.route
        for address in PAGES + OPERATIONS
        if address.permissions is None
        and not PUBLIC.match(address.route)
        and address.name not in SIGNED_IN_ONLY
    ]
    assert open_doors == []


def _values(address: Address, known, which: str):
    """Values of the parameters; None when there is no foreign record among them."""
    pairs = {(segment, name): known[segment, name] for segment, name, _ in address.params}
    if which == "own":
        return {key: pair.own for key, pair in pairs.items()}
    if not any(pair.foreign is not None for pair in pairs.values()):
        return None
    return {key: pair.own if pair.foreign is None else pair.foreign for key, pair in pairs.items()}


@each_staff_page
def test_a_stranger_is_sent_to_sign_in(addresses, known):
    found = Findings()
    for page in addresses:
        path = page.path(_values(page, known, "own"))
        for method in ("get", "post"):
            with undone(), writes() as written:
                response = getattr(browser(), method)(path)
            found.expect(
                response.status_code in {302, 405} and not written, page, method, response.status_code
            )
            if response.status_code == 302:
                found.expect(response.url.startswith(reverse("account_login")), page, method, response.url)
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/clients/"}
        fragment = browser().get(path, headers=headers)
        found.expect(fragment.status_code in {302, 401, 405}, page, "htmx", fragment.status_code)
    found.tell()


@each_operation
def test_a_stranger_gets_nothing_from_the_api(addresses, known):
    found = Findings()
    for operation in addresses:
        with undone(), writes() as written:
            path = operation.path(_values(operation, known, "own"))
            response = call(browser(), operation.methods[0], path)
        seen = (response.status_code, response.headers["Content-Type"])
        found.expect(seen == (401, "application/problem+json") and not written, operation, *seen)
    found.tell()


@each_staff_page
def test_each_role_enters_by_its_permissions(addresses, known, cast, browsers):
    found = Findings()
    for page in addresses:
        path = page.path(_values(page, known, "own"))
        for role in ROLES:
            allowed = all(cast[role].can(permission) for permission in page.permissions or ())
            for method in page.methods:
                with undone(), writes() as written:
                    response = getattr(browsers[role], method)(path)
                    _drain(response)
                status = response.status_code
                found.expect(status < 500, page, role, method, status)
                if not allowed:
                    found.expect(status in {403, 405} and not written, page, role, method, status, *written)
    found.tell()


@each_operation
def test_each_role_calls_by_its_permissions(addresses, known, cast, browsers):
    found = Findings()
    for operation in addresses:
        path, body = operation.path(_values(operation, known, "own")), _body(operation)
        for role in ROLES:
            allowed = all(cast[role].can(permission) for permission in operation.permissions or ())
            with undone(), writes() as written:
                response = call(browsers[role], operation.methods[0], path, body)
            seen = (*operation.methods, role, response.status_code, _text(response)[:200])
            found.expect(response.status_code < 500, operation, *seen)
            if not allowed:
                found.expect(response.status_code in {403, 422} and not written, operation, *seen)
    found.tell()


@each_staff_page
def test_a_foreign_record_stays_closed_and_unchanged(addresses, known, browsers):
    found = Findings()
    for page in addresses:
        values = _values(page, known, "foreign")
        for role in SCOPED if values else ():
            for method in page.methods:
                with undone(), writes() as written:
                    response = getattr(browsers[role], method)(page.path(values))
                    _drain(response)
                good = response.status_code in {403, 404, 405} and not written
                found.expect(good, page, role, method, response.status_code, *written)
    found.tell()


@each_operation
def test_a_foreign_record_stays_closed_to_the_api(addresses, known, browsers):
    found = Findings()
    for operation in addresses:
        values = _values(operation, known, "foreign")
        for role in SCOPED if values else ():
            with undone(), writes() as written:
                response = call(
                    browsers[role], operation.methods[0], operation.path(values), _body(operation)
                )
            good = response.status_code in REFUSED and not written
            found.expect(good, operation, *operation.methods, role, response.status_code, *written)
    found.tell()


@each_staff_page
def test_no_page_shows_what_is_foreign(addresses, known, browsers):
    found = Findings()
    for page in addresses:
        path = page.path(_values(page, known, "own"))
        for role in SCOPED:
            for headers in ({}, {"HX-Request": "true"}):
                with undone():
                    text = _text(browsers[role].get(path, headers=headers))
                found.expect(not [mark for mark in FOREIGN_MARKS if mark in text], page, role)
    found.tell()


@each_operation
def test_no_answer_shows_what_is_foreign(addresses, known, browsers):
    found = Findings()
    for operation in addresses:
        if operation.methods != ("get",):
            continue
        path = operation.path(_values(operation, known, "own"))
        queries = [p for p in operation.operation["parameters"] if p["in"] == "query" and p["required"]]
        for role in SCOPED:
            with undone():
                query = {p["name"]: body_of(p["schema"], COMPONENTS) for p in queries}
                text = _text(browsers[role].get(path, query))
            found.expect(not [mark for mark in FOREIGN_MARKS if mark in text], operation, role)
    found.tell()


def _text(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


COMPONENTS = api.get_openapi_schema(path_prefix="/api/v1/")["components"]["schemas"]


def _schema(operation):
    content = operation.operation.get("requestBody", {}).get("content", {})
    return next(iter(content.values()))["schema"] if content else None


def _body(operation):
    schema = _schema(operation)
    return None if schema is None else body_of(schema, COMPONENTS)


@each_page
def test_junk_never_breaks_a_page(addresses, known, cast):
    """Ids, queries, forms, files and bodies that make no sense are answered, never crashed on."""
    found = Findings()
    for page in addresses:
        _try_junk(page, found, _values(page, known, "own"), cast["administrator"])
    found.tell()


def _try_junk(page, found, own, administrator) -> None:
    signed_in = browser(None if PUBLIC.match(page.route) else administrator)

    def send(method, path, data=None, **extra):
        with undone():
            response = getattr(signed_in, method)(path, data, **extra)
            _drain(response)
        found.expect(response.status_code < 500, page, method, path, str(data)[:150], response.status_code)

    for key in own:
        for junk in _junk_for(own[key]):
            for method in page.methods:
                send(method, page.path(own | {key: junk}))
    path = page.path(own)
    fields = {"get": set(), "post": set()}
    for junk in TEXT_JUNK:
        for method in page.methods:
            send(method, path, dict.fromkeys(fields[method], junk))
            fields[method] |= RecordingMiddleware.asked[method]
    for name in sorted(fields["post"]):
        send("post", path, {name: file()})
    send("post", path, b"{", content_type="application/json")
    send("post", path, b"\xff\x00", content_type="text/plain")
    send("post", path, b"--x", content_type="multipart/form-data; boundary=x")


def _junk_for(value):
    if isinstance(value, int):
        return [0, 2**31, 2**63 - 1, 2**63, 10**30]
    return ["x", "0", "x" * 300, "%F0%9F%99%82", "%FF", "..%2F", "%00", "constructor"]


def _drain(response) -> None:
    if response.streaming:
        list(response.streaming_content)


@each_operation
def test_junk_never_breaks_an_operation(addresses, known, cast):
    """Ids, queries, whole bodies and each property of a body that make no sense are 4xx, never 5xx."""
    found = Findings()
    for operation in addresses:
        _try_junk_calls(operation, found, _values(operation, known, "own"), cast["administrator"])
    found.tell()


def _try_junk_calls(operation, found, own, user) -> None:
    method, whole, signed_in = operation.methods[0], _body(operation), browser(user)

    def send(path, body=whole, **headers):
        with undone():
            response = call(signed_in, method, path, body, **headers)
            _drain(response)
        seen = (method, path, str(body)[:150], response.status_code)
        problem = response.headers["Content-Type"] == "application/problem+json"
        found.expect(response.status_code < 500 and (response.status_code < 400 or problem), operation, *seen)

    path = operation.path(own)
    for key in own:
        for junk in [*_junk_for(1), *_junk_for("x")]:
            send(operation.path(own | {key: junk}))
    for name in [p["name"] for p in operation.operation["parameters"] if p["in"] == "query"]:
        for junk in [*TEXT_JUNK, "%00"]:
            send(f"{path}?{name}={junk if junk == '%00' else re.sub('[&#%+]', '', junk)}")
    if _schema(operation) is None:
        return
    for body in (b"{", b"", b"\xff\xfe", b'{"a": NaN}', b'{"a": "\\u0000"}', b"[" * 2000, *JSON_JUNK):
        send(path, body)
    for name in _properties(_schema(operation)) if isinstance(whole, dict) else ():
        for junk in JSON_JUNK:
            send(path, whole | {name: junk})
    send(path, whole, **{"If-Match": '"x"'})


def _properties(schema) -> list[str]:
    if "$ref" in schema:
        return _properties(COMPONENTS[schema["$ref"].rsplit("/", 1)[-1]])
    return list(schema.get("properties", {}))

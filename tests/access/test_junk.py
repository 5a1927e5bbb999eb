"""Input that makes no sense, at every address: answered with 4xx, never crashed on."""

import re

from tests.access.findings import (
    PUBLIC,
    Findings,
    drain,
    each_operation,
    each_page,
    junk_that_gets_in,
    own_values,
    properties_of,
    schema_of,
    whole_body,
)
from tests.access.requests import JSON_JUNK, TEXT_JUNK, RecordingMiddleware, browser, call, file, undone


@each_page
def test_junk_never_breaks_a_page(addresses, known, cast):
    """Ids, queries, forms, files and bodies that make no sense are answered, never crashed on."""
    found = Findings()
    for page in addresses:
        _try_junk(page, found, own_values(page, known), cast["administrator"])
    found.tell()


def _try_junk(page, found, own, administrator) -> None:
    signed_in = browser(None if PUBLIC.match(page.route) else administrator)

    def send(method, path, data=None, **extra):
        with undone():
            response = getattr(signed_in, method)(path, data, **extra)
            drain(response)
        found.expect(response.status_code < 500, page, method, path, str(data)[:150], response.status_code)

    for key in own:
        for junk in _junk_for(own[key]):
            for method in page.methods:
                send(method, page.path(own | {key: junk}))
    path = page.path(own)
    fields = {"get": set(), "post": set(), "files": set()}
    sent = set()
    for method in page.methods:
        for junk in [None, *TEXT_JUNK]:  # first nothing, to see what is asked for
            data = {} if junk is None else dict.fromkeys(sorted(fields[method]), junk)
            if (method, *data.items()) in sent:
                continue  # nothing is asked for: the same request once more says nothing
            sent.add((method, *data.items()))
            send(method, path, data)
            fields[method] |= RecordingMiddleware.asked[method]
            fields["files"] |= RecordingMiddleware.asked["files"]
    for name in sorted(fields["files"]):  # a file elsewhere is one that nobody looks at
        send("post", path, {name: file()})
    send("post", path, {name: file() for name in sorted(fields["post"])})
    send("post", path, b"{", content_type="application/json")
    send("post", path, b"\xff\x00", content_type="text/plain")
    send("post", path, b"--x", content_type="multipart/form-data; boundary=x")


def test_all_that_may_get_in_is_tried():
    everything = {repr(one) for one in JSON_JUNK}
    turns = {repr(one) for turn in range(30) for one in junk_that_gets_in({"type": "boolean"}, turn)}
    assert turns == everything
    assert {repr(one) for one in junk_that_gets_in({}, 0)} == everything
    text = junk_that_gets_in({"anyOf": [{"type": "string"}, {"type": "null"}]}, 0)
    assert [one for one in JSON_JUNK if one is None or isinstance(one, str)] == text[:-2]


def _junk_for(value):
    if isinstance(value, int):
        return [0, 2**31, 2**63 - 1, 2**63, 10**30]
    return ["x", "0", "x" * 300, "%F0%9F%99%82", "%FF", "..%2F", "%00", "constructor"]


@each_operation
def test_junk_never_breaks_an_operation(addresses, known, cast):
    """Ids, queries, whole bodies and each property of a body that make no sense are 4xx, never 5xx."""
    found = Findings()
    for operation in addresses:
        _try_junk_calls(operation, found, own_values(operation, known), cast["administrator"])
    found.tell()


def _try_junk_calls(operation, found, own, user) -> None:
    method, whole, signed_in = operation.methods[0], whole_body(operation), browser(user)

    def send(path, body=whole, **headers):
        with undone():
            response = call(signed_in, method, path, body, **headers)
            drain(response)
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
    if schema_of(operation) is None:
        return
    for body in (b"{", b"", b"\xff\xfe", b'{"a": NaN}', b'{"a": "\\u0000"}', b"[" * 2000, *JSON_JUNK):
        send(path, body)
    properties = properties_of(schema_of(operation)) if isinstance(whole, dict) else {}
    for turn, (name, schema) in enumerate(properties.items()):
        for junk in junk_that_gets_in(schema, turn):
            send(path, whole | {name: junk})
    send(path, whole, **{"If-Match": '"x"'})

"""What the tests of the matrix share: areas of addresses, values of parameters, findings."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from lxml import html

from tests.access.discovery import Address, description, operations, pages
from tests.access.people import marks_hidden_from
from tests.access.requests import JSON_JUNK, body_of, call, file

PAGES, OPERATIONS = pages(), operations()
# Pages that need no sign-in: sign-in itself, the client's own pages behind unguessable tokens, health.
PUBLIC = re.compile(
    r"account/|health/|wall/|t/|u/|f/|p/|delivery/|pay/|bank/|yookassa/|raiffeisen/|atol/|offer/|sign/|photos/|claim/|shop/|my/|ask/|request-form|caldav/|calendar-feed/|\.well-known/|vk/|telegram/|tg/|chat/|media/|manifest|sw\.js|offline"
)
SIGNED_IN_ONLY = {"ui:gallery"}
# An address in a page that names no record where it should.
NAMELESS = re.compile(
    r'(?:href|action|hx-get|hx-post)="([^"]*[?&;](?:client|request|deal|policy|calculation|conversation|call)=(?:&[^"]*)?)"'
)
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

    def hides(self, text: str, address: Address, *said, role: str) -> None:
        """Nothing in ``text`` is hidden from ``role``; the gallery shows samples that are nobody's."""
        shown = [mark for mark in marks_hidden_from(role) if mark in text]
        self.expect(not shown or address.name in SIGNED_IN_ONLY, address, *said, role, "shows", *shown)

    def leads(self, text: str, address: Address, *said) -> None:
        """Every link and button in a page names the record it is about."""
        self.expect(not (nameless := NAMELESS.findall(text)), address, *said, "leads to", *nameless)
        self.expect(not (lost := lost_dialogs(text)), address, *said, "loses the place of dialogs", *lost)

    def tell(self) -> None:
        assert not self, f"{len(self)} findings:\n" + "\n".join(self[:60])


def lost_dialogs(text: str) -> list[str]:
    """Buttons that would put a dialog in the place of ``#modal`` itself, by a swap that they inherit unasked."""
    if 'hx-target="#modal"' not in text or 'hx-swap="outerHTML"' not in text:
        return []
    opening = html.fromstring(text).xpath('//*[@hx-target="#modal"][not(@hx-swap)][@hx-get or @hx-post]')
    return [one.get("hx-get") or one.get("hx-post") for one in opening if _inherited_swap(one) == "outerHTML"]


def _inherited_swap(one) -> str:
    for outer in one.iterancestors():
        if set((outer.get("hx-disinherit") or "").split()) & {"*", "hx-swap"}:
            return ""
        if outer.get("hx-swap"):
            return outer.get("hx-swap").split()[0]
    return ""


def own_values(address: Address, known):
    """Values of the parameters: records of Вера and Анна."""
    return {(segment, name): known[segment, name].own for segment, name, _ in address.params}


def with_a_foreign_one(address: Address, known):
    """The same values with one record of Борис among them, each parameter in turn."""
    own = own_values(address, known)
    for key in own:
        if known[key].foreign is not None:
            yield own | {key: known[key].foreign}


def in_reach(address: Address, known, role: str) -> bool:
    """Whether every record in the address is within reach of ``role``."""
    insides = [known[segment, name].inside for segment, name, _ in address.params]
    return all(inside is None or role in inside for inside in insides)


def text_of(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


COMPONENTS = description()["components"]["schemas"]


def schema_of(operation):
    content = operation.operation.get("requestBody", {}).get("content", {})
    return next(iter(content.values()))["schema"] if content else None


def whole_body(operation):
    schema = schema_of(operation)
    return None if schema is None else body_of(schema, COMPONENTS)


def send(client, operation: Address, path: str, **headers):
    """One whole call: a JSON body, or a form with a file where the operation takes one."""
    method, body = operation.methods[0], whole_body(operation)
    if "multipart/form-data" in operation.operation.get("requestBody", {}).get("content", {}):
        return client.post(path, body | {"file": file()}, headers={"Idempotency-Key": "matrix"} | headers)
    return call(client, method, path + whole_query(operation), body, **headers)


def drain(response) -> None:
    if response.streaming:
        list(response.streaming_content)


def whole_query(operation) -> str:
    """The required parameters of the query, as plain as can be."""
    required = [p for p in operation.operation["parameters"] if p["in"] == "query" and p["required"]]
    asked = urlencode({p["name"]: body_of(p["schema"], COMPONENTS) for p in required})
    return f"?{asked}" if asked else ""


def properties_of(schema) -> dict[str, dict[str, Any]]:
    """The fields of a body and the schema of each."""
    if "$ref" in schema:
        return properties_of(COMPONENTS[schema["$ref"].rsplit("/", 1)[-1]])
    return dict(schema.get("properties", {}))


def _kinds_of(schema) -> set[str]:
    """The types that a value of ``schema`` may have in JSON; none said: any."""
    if "$ref" in schema:
        return _kinds_of(COMPONENTS[schema["$ref"].rsplit("/", 1)[-1]])
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        return set().union(*(_kinds_of(one) for one in choices))
    if "enum" in schema or "const" in schema:
        return {"enum"}
    return {schema["type"]} if "type" in schema else set(_LIKE)


# What pydantic takes for a type, with what it makes into one: "NaN" is a number to it.
_LIKE: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float, str), "boolean": (), "null": (type(None),),
    "array": (list,), "object": (dict,), "enum": (),
}  # fmt: skip


def junk_that_gets_in(schema, turn: int) -> list[Any]:
    """Junk of a type that the schema lets through to our code, and two pieces that it stops, others at each turn."""
    taken = tuple(one for kind in _kinds_of(schema) for one in _LIKE[kind])
    inside = [one for one in JSON_JUNK if isinstance(one, taken)]
    outside = [one for one in JSON_JUNK if not isinstance(one, taken)]
    return inside + [outside[(2 * turn + one) % len(outside)] for one in range(min(2, len(outside)))]

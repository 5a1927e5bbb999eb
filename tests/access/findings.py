"""What the tests of the matrix share: areas of addresses, values of parameters, findings."""

import re

import pytest

from clientela.config.api import api
from tests.access.discovery import Address, operations, pages
from tests.access.requests import body_of

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


def values_of(address: Address, known, which: str):
    """Values of the parameters; None when there is no foreign record among them."""
    pairs = {(segment, name): known[segment, name] for segment, name, _ in address.params}
    if which == "own":
        return {key: pair.own for key, pair in pairs.items()}
    if not any(pair.foreign is not None for pair in pairs.values()):
        return None
    return {key: pair.own if pair.foreign is None else pair.foreign for key, pair in pairs.items()}


def text_of(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


COMPONENTS = api.get_openapi_schema(path_prefix="/api/v1/")["components"]["schemas"]


def schema_of(operation):
    content = operation.operation.get("requestBody", {}).get("content", {})
    return next(iter(content.values()))["schema"] if content else None


def whole_body(operation):
    schema = schema_of(operation)
    return None if schema is None else body_of(schema, COMPONENTS)


def drain(response) -> None:
    if response.streaming:
        list(response.streaming_content)

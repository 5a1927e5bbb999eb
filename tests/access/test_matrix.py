"""Every address × every person × own and foreign record, found by itself from resolver and description.

A new page or operation is in the matrix the moment its URL exists; a new parameter needs a record in ``records``.
"""

from django.urls import reverse

from tests.access.findings import (
    OPERATIONS,
    PAGES,
    PUBLIC,
    SIGNED_IN_ONLY,
    Findings,
    each_operation,
    each_staff_page,
    in_reach,
    own_values,
    send,
    text_of,
    with_a_foreign_one,
)
from tests.access.people import NEAR, ROLES
from tests.access.requests import browser, call, undone, writes

HX = {"HX-Request": "true"}
# Rightly refused: no refused rows in the file, no agent's card of a person who is none, no side of an experiment named,
# a portfolio that this person may not hand over, no cell named, an absence that another enters, an act that asks for more.
MAY_REFUSE = {
    "imports:errors", "imports_errors_file", "agents:me", "organisation:my_agent", "schedules:experiment_terms",
    "organisation:agent_transfer", "organisation:absence_ending", "admin_preview_transfer", "renewals:act",
    "product_pages:cell", "commission:file", "claims:new",
}  # fmt: skip
# Whoever has no working day is shown to the page of their role; what opens there is asked by test_menu.
SHOWN_ON = {"today:home"}
CLOSED = {"page": {403, 404, 405}, "operation": {403, 404, 422}}


def test_every_parameter_has_a_record(known):
    unknown = {
        (segment, name): address.route
        for address in PAGES + OPERATIONS
        for segment, name, _ in address.params
        if (segment, name) not in known
    }
    assert not unknown, f"tell tests/access/records about {unknown}"


def test_nobody_forgot_a_door():
    open_doors = [
        address.route
        for address in PAGES + OPERATIONS
        if address.permissions is None
        and not PUBLIC.match(address.route)
        and address.name not in SIGNED_IN_ONLY
    ]
    assert open_doors == []


@each_staff_page
def test_a_stranger_is_sent_to_sign_in(addresses, known):
    found = Findings()
    for page in addresses:
        path = page.path(own_values(page, known))
        for method in ("get", "post"):
            with undone(), writes() as written:
                response = getattr(browser(), method)(path)
            found.expect(
                response.status_code in {302, 405} and not written, page, method, response.status_code
            )
            if response.status_code == 302:
                found.expect(response.url.startswith(reverse("account_login")), page, method, response.url)
        headers = HX | {"HX-Current-URL": "http://testserver/clients/"}
        fragment = browser().get(path, headers=headers)
        found.expect(fragment.status_code in {302, 401, 405}, page, "htmx", fragment.status_code)
    found.tell()


@each_operation
def test_a_stranger_gets_nothing_from_the_api(addresses, known):
    found = Findings()
    for operation in addresses:
        with undone(), writes() as written:
            response = call(browser(), operation.methods[0], operation.path(own_values(operation, known)))
        seen = (response.status_code, response.headers["Content-Type"])
        found.expect(seen == (401, "application/problem+json") and not written, operation, *seen)
    found.tell()


def _walk(found, address, known, cast, browsers) -> None:
    """Each person gets in by permission and by reach, changes nothing else, and sees nothing that is hidden."""
    closed = CLOSED["operation" if address.operation else "page"]
    path = address.path(own_values(address, known))
    for role in ROLES:
        allowed = all(cast[role].can(permission) for permission in address.permissions or ())
        inside = in_reach(address, known, role)
        for method in address.methods:
            with undone(), writes() as written:
                response = _send(browsers[role], address, method, path)
                text, status = text_of(response), response.status_code
            seen = (method, role, status, text[:200] if address.operation else "")
            found.expect(status < 500, address, *seen)
            if address.operation and status >= 400:
                kind = response.headers["Content-Type"]
                found.expect(kind == "application/problem+json", address, *seen, kind)
            if method == "get" and address.name in SHOWN_ON and not allowed:
                found.expect(status == 302 and not written, address, *seen, *written)
            elif not (allowed and inside):
                found.expect(status in closed and not written, address, *seen, *written)
            elif method == "get" and address.name not in MAY_REFUSE:
                found.expect(status not in {403, 404}, address, *seen)
            found.hides(text, address, method, role=role)
            if method == "get" and not address.operation:
                found.leads(text, address, role)


def _send(client, address, method, path):
    if address.operation:
        return send(client, address, path)
    return getattr(client, method)(path)


@each_staff_page
def test_each_person_enters_by_permission_and_reach(addresses, known, cast, browsers):
    found = Findings()
    for page in addresses:
        _walk(found, page, known, cast, browsers)
    found.tell()


@each_operation
def test_each_person_calls_by_permission_and_reach(addresses, known, cast, browsers):
    found = Findings()
    for operation in addresses:
        _walk(found, operation, known, cast, browsers)
    found.tell()


@each_staff_page
def test_a_foreign_record_among_own_ones_stays_closed(addresses, known, browsers):
    found = Findings()
    for page in addresses:
        for values in with_a_foreign_one(page, known):
            for role in NEAR:
                for method in page.methods:
                    with undone(), writes() as written:
                        response = getattr(browsers[role], method)(page.path(values))
                        text_of(response)
                    good = response.status_code in CLOSED["page"] and not written
                    found.expect(good, page, role, method, response.status_code, *written)
    found.tell()


@each_operation
def test_a_foreign_record_stays_closed_to_the_api(addresses, known, browsers):
    found = Findings()
    for operation in addresses:
        for values in with_a_foreign_one(operation, known):
            for role in NEAR:
                with undone(), writes() as written:
                    response = send(browsers[role], operation, operation.path(values))
                good = response.status_code in CLOSED["operation"] and not written
                found.expect(good, operation, *operation.methods, role, response.status_code, *written)
    found.tell()


@each_staff_page
def test_no_fragment_shows_what_is_foreign(addresses, known, browsers):
    found = Findings()
    for page in addresses:
        path = page.path(own_values(page, known))
        for role in ("anna", "colleague", "boris"):
            with undone():
                text = text_of(browsers[role].get(path, headers=HX))
            found.hides(text, page, role=role)
    found.tell()

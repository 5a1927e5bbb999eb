"""Every address × every role × own and foreign record, found by itself from resolver and description.

A new page or operation is in the matrix the moment its URL exists; a new parameter needs a record in ``records.py``.
"""

from django.urls import reverse

from tests.access.conftest import ROLES, SCOPED
from tests.access.findings import (
    COMPONENTS,
    FOREIGN_MARKS,
    OPERATIONS,
    PAGES,
    PUBLIC,
    REFUSED,
    SIGNED_IN_ONLY,
    Findings,
    drain,
    each_operation,
    each_staff_page,
    text_of,
    values_of,
    whole_body,
)
from tests.access.requests import body_of, browser, call, undone, writes


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


@each_staff_page
def test_a_stranger_is_sent_to_sign_in(addresses, known):
    found = Findings()
    for page in addresses:
        path = page.path(values_of(page, known, "own"))
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
            path = operation.path(values_of(operation, known, "own"))
            response = call(browser(), operation.methods[0], path)
        seen = (response.status_code, response.headers["Content-Type"])
        found.expect(seen == (401, "application/problem+json") and not written, operation, *seen)
    found.tell()


@each_staff_page
def test_each_role_enters_by_its_permissions(addresses, known, cast, browsers):
    found = Findings()
    for page in addresses:
        path = page.path(values_of(page, known, "own"))
        for role in ROLES:
            allowed = all(cast[role].can(permission) for permission in page.permissions or ())
            for method in page.methods:
                with undone(), writes() as written:
                    response = getattr(browsers[role], method)(path)
                    drain(response)
                status = response.status_code
                found.expect(status < 500, page, role, method, status)
                if not allowed:
                    found.expect(status in {403, 405} and not written, page, role, method, status, *written)
    found.tell()


@each_operation
def test_each_role_calls_by_its_permissions(addresses, known, cast, browsers):
    found = Findings()
    for operation in addresses:
        path, body = operation.path(values_of(operation, known, "own")), whole_body(operation)
        for role in ROLES:
            allowed = all(cast[role].can(permission) for permission in operation.permissions or ())
            with undone(), writes() as written:
                response = call(browsers[role], operation.methods[0], path, body)
            seen = (*operation.methods, role, response.status_code, text_of(response)[:200])
            found.expect(response.status_code < 500, operation, *seen)
            if not allowed:
                found.expect(response.status_code in {403, 422} and not written, operation, *seen)
    found.tell()


@each_staff_page
def test_a_foreign_record_stays_closed_and_unchanged(addresses, known, browsers):
    found = Findings()
    for page in addresses:
        values = values_of(page, known, "foreign")
        for role in SCOPED if values else ():
            for method in page.methods:
                with undone(), writes() as written:
                    response = getattr(browsers[role], method)(page.path(values))
                    drain(response)
                good = response.status_code in {403, 404, 405} and not written
                found.expect(good, page, role, method, response.status_code, *written)
    found.tell()


@each_operation
def test_a_foreign_record_stays_closed_to_the_api(addresses, known, browsers):
    found = Findings()
    for operation in addresses:
        values = values_of(operation, known, "foreign")
        for role in SCOPED if values else ():
            with undone(), writes() as written:
                response = call(
                    browsers[role], operation.methods[0], operation.path(values), whole_body(operation)
                )
            good = response.status_code in REFUSED and not written
            found.expect(good, operation, *operation.methods, role, response.status_code, *written)
    found.tell()


@each_staff_page
def test_no_page_shows_what_is_foreign(addresses, known, browsers):
    found = Findings()
    for page in addresses:
        path = page.path(values_of(page, known, "own"))
        for role in SCOPED:
            for headers in ({}, {"HX-Request": "true"}):
                with undone():
                    text = text_of(browsers[role].get(path, headers=headers))
                found.expect(not [mark for mark in FOREIGN_MARKS if mark in text], page, role)
    found.tell()


@each_operation
def test_no_answer_shows_what_is_foreign(addresses, known, browsers):
    found = Findings()
    for operation in addresses:
        if operation.methods != ("get",):
            continue
        path = operation.path(values_of(operation, known, "own"))
        queries = [p for p in operation.operation["parameters"] if p["in"] == "query" and p["required"]]
        for role in SCOPED:
            with undone():
                query = {p["name"]: body_of(p["schema"], COMPONENTS) for p in queries}
                text = text_of(browsers[role].get(path, query))
            found.expect(not [mark for mark in FOREIGN_MARKS if mark in text], operation, role)
    found.tell()

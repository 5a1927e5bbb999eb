"""The committed description of the API is the one that is served."""

import json
import re

from ninja import Schema

from clientela.config.api import api
from clientela.config.management.commands.export_openapi import SNAPSHOT, description


def test_the_committed_description_is_current():
    assert SNAPSHOT.read_text(encoding="utf-8") == description(), "run manage.py export_openapi"


def operations():
    for path, methods in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_operation_has_its_own_name_and_a_problem_answer():
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for path, method, operation in operations():
        assert "default" in operation["responses"], (path, method)
        assert operation["security"] == [{"TokenAuth": []}, {"PageAuth": []}], (path, method)


def schemas(of=Schema):
    for kind in of.__subclasses__():
        yield kind
        yield from schemas(kind)


def test_no_two_schemas_share_a_name():
    """The description keeps one component a name: the second would silently stand for the first."""
    places: dict[str, set[str]] = {}
    for kind in schemas():
        if kind.__module__.startswith("clientela.") and ".tests." not in kind.__module__:
            places.setdefault(kind.__name__, set()).add(kind.__module__)
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def test_every_post_takes_an_idempotency_key():
    for path, method, operation in operations():
        headers = [p["name"] for p in operation["parameters"] if p["in"] == "header"]
        assert ("Idempotency-Key" in headers) == (method == "post"), (path, method)


def test_the_pages_for_people_need_nothing_from_outside(sign_in, administrator):
    page = sign_in(administrator).get("/api/v1/docs").content.decode()
    assert "swagger-ui-bundle.js" in page
    assert not re.findall(r'(?:src|href)="(?!/static/)', page)
    described = json.loads(sign_in(administrator).get("/api/v1/openapi.json").content)
    assert described["info"]["title"] == "Clientela"


def test_the_description_is_for_those_who_are_signed_in(client, db):
    assert client.get("/api/v1/docs").status_code == 302
    assert client.get("/api/v1/openapi.json").status_code == 302

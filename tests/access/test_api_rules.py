"""What holds for every operation of the API: keys of idempotency, scopes of tokens, pages by cursor, foreign ids."""

import json
from itertools import count

import pytest

from clientela.foundation.api.idempotency import HEADER
from clientela.foundation.api.models import IdempotentAnswer, Token
from clientela.foundation.api.operations import digest
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission, Role
from clientela.modules.group.models import SisterCompany
from tests.access.findings import (
    COMPONENTS,
    OPERATIONS,
    Findings,
    own_values,
    properties_of,
    schema_of,
    send,
    text_of,
    whole_body,
    whole_query,
)
from tests.access.people import NEAR
from tests.access.requests import browser, call, undone, writes

POSTS = [operation for operation in OPERATIONS if operation.methods == ("post",)]
PAGED = [
    operation
    for operation in OPERATIONS
    if {"cursor", "limit"} <= {p["name"] for p in operation.operation["parameters"] if p["in"] == "query"}
]
# The record behind an id in a body or a query: what parameter of an address takes the same one.
NAMED = {
    "client_id": ("clients", "client_id"), "client_ids": ("clients", "client_id"), "agent_id": ("agents", "agent_id"),
    "to_agent_id": ("agents", "agent_id"), "branch_id": ("branches", "branch_id"), "team_id": ("teams", "team_id"),
    "branch_ids": ("branches", "branch_id"), "centre_id": ("centres", "centre_id"), "policy_id": ("policies", "policy_id"),
    "project_id": ("projects", "project_id"), "contact_point_id": ("contacts", "contact_id"),
    "in_reply_to_id": ("replies", "message_id"), "person_id": ("people", "user_id"), "file_ids": ("files", "draft_file_id"),
    "substitute_id": ("people", "user_id"), "parent_id": ("clients", "client_id"), "holding_id": ("clients", "client_id"),
    "deal_ids": ("deals", "deal_id"), "entry_ids": ("entries", "entry_id"), "gone_client_id": ("clients", "client_id"), "renewal_id": ("renewals", "renewal_id"), "renewal_ids": ("renewals", "renewal_id"),
    "other_client_id": ("clients", "client_id"), "assignee_id": ("people", "user_id"), "insured_object_id": ("objects", "object_id"), "lookup_id": ("classes", "lookup_id"), "document_ids": ("papers", "paper_id"), "pickup_point_id": ("points", "pickup_point_id"), "attachment_ids": ("files", "file_id"),
}  # fmt: skip
NOT_OURS = {
    "external_id",
    "version_id",
    "survey_id",
    "template_id",
    "person_ids",
    "object_id",
    "colleague_id",  # anybody here may be invited
    "menu_id",
    "greeting_sound_id",
    "closed_sound_id",
    "sound_id",
    "target_id",  # a person or a menu
    "product_id",
    "bank_id",
    "about_id",  # its kind says whose it is
}  # another system's, the company's, a filter of the journal


@pytest.fixture
def program(cast, now):
    """``program(scopes)``: a program that holds a token with these scopes, of a sister company or of the administrator."""
    numbers = count(1)
    sister = User.objects.create_user("bank@prichal.example", None, role=Role.SISTER)
    SisterCompany.objects.filter(code="bank").update(feeder=sister)

    def make(scopes):
        secret = f"secret-{next(numbers)}"
        user = sister if set(scopes) == {Permission.GROUP_FEED} else cast["administrator"]
        Token.objects.create(
            user=user, name="x", digest=digest(secret), scopes=sorted(scopes), created_at=now
        )
        return {"Authorization": f"Bearer {secret}"}

    return make


def test_every_post_acts_once_a_key(known, browsers):
    found, page, acted = Findings(), browsers["administrator"], 0
    for operation in POSTS:
        path = operation.path(own_values(operation, known))
        with undone():
            with writes() as written:
                refused = send(page, operation, path, **{HEADER: ""})
            seen = (refused.status_code, refused.json()["code"], *written)
            found.expect(seen == (400, "idempotency_key_required"), operation, "no key", *seen)
            first = send(page, operation, path, **{HEADER: "a"})
            kept = IdempotentAnswer.objects.filter(key="a").count()
            with writes() as written:
                again = send(page, operation, path, **{HEADER: "a"})
            same = (again.status_code, again.content) == (first.status_code, first.content)
            if first.status_code < 400:
                acted += 1
                replayed = "Idempotency-Replayed" in again.headers and kept == 1 and not written
                found.expect(same and replayed, operation, "again", first.status_code, again.status_code)
                other = send(page, operation, f"{path}?other=1", **{HEADER: "a"})
                found.expect(other.status_code == 422, operation, "other request", other.status_code)
            else:
                found.expect(kept == 0, operation, "keeps an error", first.status_code)
    found.tell()
    assert acted > len(POSTS) / 3, "too few calls got through to say anything"


def test_a_token_reaches_what_its_scopes_name_and_no_more(known, program):
    found, everything = Findings(), {str(permission) for permission in Permission}
    caller, enough, narrow = browser(), {}, {}
    for operation in OPERATIONS:
        needed = operation.permissions
        if not needed:
            continue
        if needed not in enough:
            enough[needed] = program(needed)
            narrow[needed] = [program(everything - {scope}) for scope in needed]
        path = operation.path(own_values(operation, known))
        for headers in narrow[needed]:
            with undone(), writes() as written:
                response = send(caller, operation, path, **headers)
                said = text_of(response)[:200]
            found.expect(response.status_code == 403 and not written, operation, *operation.methods, said)
        with undone():
            response = send(caller, operation, path, **enough[needed])
            said = text_of(response)[:200]
        own = "/notes/" in operation.route or operation.route.endswith(
            "/answer"
        )  # an author's, an agent's own
        beyond = (
            '"code":"beyond_authority"' in said
        )  # let in by the scope, held by how far the person may decide
        entered = response.status_code not in {401, 403} or own or beyond
        found.expect(entered, operation, *operation.methods, *needed, said)
    found.tell()


def test_every_list_is_walked_by_its_cursor(known, browsers):
    found, page, longest = Findings(), browsers["administrator"], 0
    for operation in PAGED:
        path = operation.path(own_values(operation, known)) + (whole_query(operation) or "?")
        whole = page.get(f"{path}&limit=200").json()
        walked, cursor = [], ""
        for _step in range(100):
            one = page.get(f"{path}&limit=1&cursor={cursor}").json()
            walked += one["items"]
            cursor = one["next"]
            if cursor is None:
                break
        longest = max(longest, len(walked))
        found.expect(walked == whole["items"] and whole["next"] is None, operation, len(walked))
        for query in ("cursor=x", f"cursor={'x' * 1001}", "limit=0", "limit=201"):
            status = page.get(f"{path}&{query}").status_code
            found.expect(status == 422, operation, query, status)
    found.tell()
    assert longest > 5


def test_a_foreign_id_in_a_body_or_query_opens_nothing(known, browsers):
    found = Findings()
    for operation in OPERATIONS:
        method, body = operation.methods[0], whole_body(operation)
        path, query = operation.path(own_values(operation, known)), whole_query(operation)
        asked = [p["name"] for p in operation.operation["parameters"] if p["in"] == "query"]
        fields = properties_of(schema_of(operation)) if isinstance(body, dict) else []
        for name in [
            name for name in [*fields, *asked] if name.endswith(("_id", "_ids")) and name not in NOT_OURS
        ]:
            foreign = known[NAMED[name]].foreign
            for role in NEAR:
                with undone(), writes() as written:
                    if name in fields:
                        value = [foreign] if name.endswith("_ids") else foreign
                        response = call(browsers[role], method, path + query, body | {name: value})
                    else:
                        response = browsers[role].get(path, {name: foreign})
                    text = text_of(response)
                seen = (method, name, role, response.status_code, text[:150])
                found.expect(not written and response.status_code < 500, operation, *seen, *written)
                found.hides(text, operation, *seen, role=role)
    found.tell()


def test_every_name_of_a_record_is_known():
    names = {name for operation in OPERATIONS for name in properties_of(schema_of(operation) or {})}
    names |= {
        p["name"] for operation in OPERATIONS for p in operation.operation["parameters"] if p["in"] == "query"
    }
    unknown = {name for name in names if name.endswith(("_id", "_ids"))} - set(NAMED) - NOT_OURS
    assert not unknown, f"tell NAMED about {unknown}"
    assert json.dumps(COMPONENTS["Problem"]["required"]) == '["type", "title", "status", "code", "detail"]'

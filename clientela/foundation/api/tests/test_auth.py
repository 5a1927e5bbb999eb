from contextlib import suppress
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from ninja.errors import Throttled

from clientela.foundation.api import auth
from clientela.foundation.api.auth import count_request
from clientela.foundation.api.models import Token
from clientela.foundation.api.operations import digest, issue_token, revoke_token
from clientela.foundation.audit.models import Entry

NOW = datetime(2026, 11, 18, 7, 42, tzinfo=UTC)


def test_only_the_digest_of_a_token_is_kept(token):
    row, secret = token
    row.refresh_from_db()
    assert row.digest == digest(secret) != secret
    assert secret.startswith("clientela_")
    assert row.hint == secret[-4:]
    assert Entry.objects.get().action == "token.issued"


def test_a_token_narrows_what_its_owner_may_do(call, anna):
    assert call("get", "scopes").json() == ["clients.read"]
    assert anna.permissions > {"clients.read"}


def test_a_token_cannot_have_scopes_its_owner_lacks(anna):
    with pytest.raises(PermissionDenied):
        issue_token(actor=anna, now=NOW, name="more", scopes=["clients.read", "audit.read"])
    with pytest.raises(PermissionDenied):
        issue_token(actor=anna, now=NOW, name="none", scopes=[])
    assert (Token.objects.count(), Entry.objects.count()) == (0, 0)


def test_a_scope_lost_with_the_role_is_lost_to_the_token(call, anna):
    anna.role = "administrator"
    anna.save()
    wide = issue_token(actor=type(anna).objects.get(pk=anna.pk), now=NOW, name="wide", scopes=["audit.read"])[
        1
    ]
    assert call("get", "scopes", secret=wide).json() == ["audit.read"]
    anna.role = "agent"
    anna.save()
    assert call("get", "scopes", secret=wide).json() == []


@pytest.mark.parametrize("end", ["revoked", "expired", "inactive", "wrong"])
def test_a_dead_token_is_refused(call, token, anna, end):
    row, secret = token
    if end == "revoked":
        assert revoke_token(actor=anna, now=NOW, token=row) is True
        assert revoke_token(actor=anna, now=NOW, token=row) is False
    elif end == "expired":
        Token.objects.update(expires_at=NOW - timedelta(days=400))
    elif end == "inactive":
        type(anna).objects.update(is_active=False)
    else:
        secret = secret[:-1] + "~"
    response = call("get", "scopes", secret=secret)
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_stranger_cannot_revoke_a_token(token, boris):
    with pytest.raises(PermissionDenied):
        revoke_token(actor=boris, now=NOW, token=token[0])
    assert Token.objects.get().revoked_at is None


def test_last_use_is_noted_with_a_share_of_requests(call, django_assert_num_queries):
    with django_assert_num_queries(2):
        call("get", "scopes")
    with django_assert_num_queries(1):
        call("get", "scopes")


def test_a_wrong_token_does_not_fall_back_to_the_session(sign_in, anna):
    browser = sign_in(anna)
    assert browser.get("/api/v1/scopes").status_code == 200
    refused = browser.get("/api/v1/scopes", headers={"Authorization": "Bearer nonsense"})
    assert refused.status_code == 401
    assert browser.get("/api/v1/scopes", headers={"Authorization": "Basic YTpi"}).status_code == 401


def test_a_page_must_prove_where_it_comes_from(anna):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(anna)
    response = browser.post("/api/v1/views", {}, headers={"Idempotency-Key": "1"})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


def test_nobody_gets_in_without_anything(db):
    for method in ("get", "post"):
        response = getattr(Client(), method)("/api/v1/views")
        assert (response.status_code, response.headers["Content-Type"]) == (401, "application/problem+json")


def test_too_many_requests_are_told_to_wait(call, settings):
    settings.API_REQUESTS_A_MINUTE = 3
    assert [call("get", "scopes").status_code for _ in range(3)] == [200, 200, 200]
    response = call("get", "scopes")
    assert (response.status_code, response.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(response.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("limit", [3, 130])
def test_the_limit_holds_over_all_processes(token, settings, limit):
    settings.API_REQUESTS_A_MINUTE = limit
    row, processes = token[0], [{}, {}, {}]
    answered = 0
    for n in range(limit * 2):
        with patch.object(auth, "_shares", processes[n % 3]), suppress(Throttled):
            count_request(row, NOW)
            answered += 1
    assert answered == limit
    with patch.object(auth, "_shares", processes[0]):
        count_request(row, NOW + timedelta(minutes=1))
    row.refresh_from_db()
    assert (row.used, row.last_used_at) == (max(1, limit // 60), NOW + timedelta(minutes=1))

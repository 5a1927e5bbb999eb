"""A caller of the small test API."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from clientela.foundation.api.auth import _shares
from clientela.foundation.api.operations import issue_token


@pytest.fixture(autouse=True)
def _small_api(settings):
    settings.ROOT_URLCONF = "clientela.foundation.api.tests.urls"
    _shares.clear()


@pytest.fixture
def token(anna):
    """A token of Anna's with one scope, and its secret."""
    return issue_token(
        actor=anna, now=datetime(2026, 11, 18, 7, 42, tzinfo=UTC), name="website", scopes=["clients.read"]
    )


@pytest.fixture
def call(token):
    """``call("post", "views", {"name": "x"}, key="k1")`` with Anna's token; returns the response."""

    def send(method, path, body=None, *, key="", secret=token[1], **headers):
        if key:
            headers["Idempotency-Key"] = key
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        extra = {} if body is None else {"data": data, "content_type": "application/json"}
        return getattr(Client(raise_request_exception=False), method)(
            f"/api/v1/{path}", headers=headers, **extra
        )

    return send

"""Calling the API in a test as a signed-in person."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from clientela.modules.accounts.models import User

_KEYS = itertools.count(1)
Answer = tuple[int, Any]
Call = Callable[..., Answer]


@pytest.fixture
def call(sign_in: Callable[[User], Browser]) -> Callable[..., Answer]:
    """``call(anna, "post", "/clients/1/notes", {"text": "…"})`` → (status, JSON)."""
    browsers: dict[int, Browser] = {}

    def send(user: User, method: str, path: str, body: Any = None, key: str = "", **headers: str) -> Answer:
        browser = browsers.setdefault(user.pk, sign_in(user))
        sent = {
            "Idempotency-Key": key or f"k{next(_KEYS)}",
            **{name.replace("_", "-"): v for name, v in headers.items()},
        }
        data = {} if method == "get" else {"data": json.dumps(body or {}), "content_type": "application/json"}
        answer = getattr(browser, method)(f"/api/v1{path}", headers=sent, **data)
        return answer.status_code, json.loads(answer.content or b"null")

    return send

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def call(sign_in: Callable[..., Any]) -> Callable[..., Any]:
    """``call(anna, "put", "/routing/state", {…})``."""

    def one(user: Any, method: str, path: str, body: Any = None) -> Any:
        return getattr(sign_in(user), method)(
            f"/api/v1{path}", body or {}, **({} if method == "get" else {"content_type": "application/json"})
        )

    return one

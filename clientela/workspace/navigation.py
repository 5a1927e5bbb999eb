"""The navigation frame: what each role finds in it."""

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every page."""
    return {"nav": []}

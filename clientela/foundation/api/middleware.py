"""Input that no view can use is refused at the door, and errors under /api/ are problem documents."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from clientela.foundation.api.problems import CONTENT_TYPE, problem_response
from clientela.foundation.ids import GREATEST_ID

PREFIX = "/api/"


class GuardMiddleware:
    """Refuses NUL characters (400) and ids beyond the databases' range (404)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_api = request.path.startswith(PREFIX)
        if is_api and response.status_code >= 400 and _is_page(response):
            answer = problem_response(response.status_code)
            if "Allow" in response.headers:
                answer.headers["Allow"] = response.headers["Allow"]
            return answer
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        for name, value in kwargs.items():
            if name in {"id", "pk"} or name.endswith("_id"):
                text = str(value)
                if len(text) > 19 or (text.isascii() and text.isdigit() and int(text) > GREATEST_ID):
                    raise Http404
        if _has_nul(request):
            if request.path.startswith(PREFIX):
                return problem_response(400, "bad_request", _("The request holds a NUL character."))
            return render(request, "400.html", status=400)
        return None


def _is_page(response: HttpResponse) -> bool:
    return not response.headers.get("Content-Type", "").startswith((CONTENT_TYPE, "application/json"))


def _has_nul(request: HttpRequest) -> bool:
    if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    if request.method not in {"POST", "PUT", "PATCH", "DELETE"}:
        return False
    if request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return any("\0" in value for values in request.POST.lists() for value in (values[0], *values[1]))
    if request.content_type == "application/json":
        return b"\\u0000" in request.body or b"\0" in request.body
    return False

"""Errors of the API as problem+json (RFC 9457), mapped once for every module.

A module tells its own named exceptions: ``map_problem(StaleVersion, 409, "stale_version")`` in its ``api.py``.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.exceptions import ValidationError as FormError
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError

log = logging.getLogger(__name__)

# What a program is told of an exception besides its code and detail, by the name of the member.
Fields = Callable[[Any], dict[str, Any]]
Handler = Callable[[HttpRequest, Any], HttpResponse]
CONTENT_TYPE = "application/problem+json"
_mapped: dict[type[Exception], tuple[int, str, Fields | None]] = {}


class Problem(Exception):
    """Raise it where no named exception of the domain fits; ``detail`` is shown to the caller."""

    def __init__(self, status: int, code: str, detail: str, errors: Iterable[dict[str, Any]] = ()) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.errors = status, code, detail, list(errors)


def map_problem(
    exception: type[Exception], status: int, code: str = "", *, fields: Fields | None = None
) -> None:
    """Answer ``exception`` (and its subclasses) with ``status``; its text becomes the detail, ``fields`` members of their own."""
    _mapped[exception] = (status, code, fields)


def problem_response(
    status: int, code: str = "", detail: str = "", errors: Iterable[dict[str, Any]] = (), reference: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """``code`` is for programs, ``detail`` for people; ``errors`` say which field (``loc``) and why (``msg``).

    ``more`` are members that belong to this kind of problem alone.
    """
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    body["code"] = code or title.lower().replace(" ", "_")
    body["detail"] = detail or title
    if errors := list(errors):
        body["errors"] = errors
    if reference:
        body["reference"] = reference
    body.update(more or {})
    response = HttpResponse(orjson.dumps(body, default=str), status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    codes = {400: "bad_request", 401: "not_signed_in", 403: "forbidden", 429: "too_many_requests"}
    detail = {401: _("Sign in or send a valid token."), 429: _("Too many requests.")}
    response = problem_response(
        error.status_code, codes.get(error.status_code, ""), str(detail.get(error.status_code, error.message))
    )
    if isinstance(error, Throttled) and error.wait is not None:
        response.headers["Retry-After"] = str(error.wait)
    return response


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {"loc": [str(part) for part in e["loc"]], "msg": e["msg"], "type": e["type"]} for e in error.errors
    ]
    return problem_response(422, "invalid", _("Some values are wrong."), errors)


def _invalid_form(request: HttpRequest, error: FormError) -> HttpResponse:
    if hasattr(error, "error_dict"):
        errors = [
            {"loc": ["body", field], "msg": message}
            for field, messages in error.message_dict.items()
            for message in messages
        ]
    else:
        errors = [{"loc": ["body"], "msg": message} for message in error.messages]
    return problem_response(422, "invalid", _("Some values are wrong."), errors)


def _told_by_module(error: Exception) -> HttpResponse | None:
    """The answer that a module's ``map_problem`` gave for this exception."""
    for known, (status, code, fields) in _mapped.items():
        if isinstance(error, known):
            detail = " ".join(error.messages) if isinstance(error, FormError) else str(error)
            more = fields(error) if fields else None
            return problem_response(status, code or _code_of(type(error)), detail, more=more)
    return None


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    reference = secrets.token_hex(4)
    log.error("api.failed", exc_info=error, extra={"reference": reference, "path": request.path})
    return problem_response(500, "failed", _("Something went wrong on our side."), reference=reference)


def _code_of(exception: type[Exception]) -> str:
    name = exception.__name__
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


def install(api: NinjaAPI) -> None:
    """Replace the framework's own error answers by problem documents."""

    def denied(request: HttpRequest, error: Any) -> HttpResponse:
        return problem_response(403, "forbidden", _("You may not do this."))

    def missing(request: HttpRequest, error: Any) -> HttpResponse:
        return problem_response(404, "not_found", _("There is no such record, or it is not yours to see."))

    def out_of_range(request: HttpRequest, error: Any) -> HttpResponse:
        return problem_response(422, "invalid", _("A value is out of range."))

    def own(request: HttpRequest, error: Any) -> HttpResponse:
        return problem_response(error.status, error.code, error.detail, error.errors)

    handlers: dict[type[Exception], Handler] = {
        Exception: _unexpected,
        HttpError: _http_error,
        ValidationError: _invalid,
        FormError: _invalid_form,
        PermissionDenied: denied,
        Http404: missing,
        ObjectDoesNotExist: missing,
        OverflowError: out_of_range,
        DataError: out_of_range,
        Problem: own,
    }
    for exception, handler in handlers.items():
        api.add_exception_handler(exception, _module_first(handler))


def _module_first(handler: Handler) -> Handler:
    def answer(request: HttpRequest, error: Any) -> HttpResponse:
        return _told_by_module(error) or handler(request, error)

    return answer

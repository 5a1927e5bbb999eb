"""Two people change one record: the second one is told (409) instead of overwriting the first."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from clientela.foundation.api.problems import Problem


def expected_version(request: HttpRequest, version: int | None = None) -> int | None:
    """The version the caller has seen: ``If-Match: "7"``, else ``version`` of the body. Problem 400 on nonsense."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return version
    number = header.strip().removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise Problem(400, "bad_if_match", _("If-Match must hold the version of the record, like “7”."))
    return int(number)


def ensure_version(request: HttpRequest, current: int, version: int | None = None) -> None:
    """Problem 409 when the caller has seen another version than ``current``."""
    expected = expected_version(request, version)
    if expected is not None and expected != current:
        raise Problem(409, "stale_version", _("Somebody changed this record meanwhile. Read it again."))


def tag(response: HttpResponse, version: int) -> None:
    """Tell the version in the ETag, which the caller sends back in If-Match."""
    response.headers["ETag"] = f'"{version}"'

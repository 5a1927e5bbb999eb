"""What a page may load: our own files and nothing else."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Inline style attributes carry geometry (the day track, meters); style elements and scripts do not pass.
RULES = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def policy() -> str:
    """The value of Content-Security-Policy; the stream of live updates may be another origin."""
    live = urlsplit(getattr(settings, "LIVE_URL", ""))
    origin = f" {live.scheme}://{live.netloc}" if live.netloc else ""
    return "; ".join(
        f"{name} {value}" for name, value in (*RULES.items(), ("connect-src", f"'self'{origin}"))
    )


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Sends the policy with every answer that has none of its own."""
    value = policy()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", value)
        return response

    return middleware

"""What makes the product installable: the manifest, the service worker, and the page for a lost connection."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clientela.foundation.ui.markup import asset

INK = "#10242d"
ICONS = (
    ("icon-192.png", 192, "any"),
    ("icon-512.png", 512, "any"),
    ("icon-maskable-512.png", 512, "maskable"),
)


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest in the language of the request."""
    icons = [
        {"src": asset(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in ICONS
    ]
    body = {
        "id": "/",
        "name": "Clientela",
        "short_name": "Clientela",
        "description": str(_("Clients, policies and renewals of an insurance company")),
        "lang": translation.get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": INK,
        "background_color": INK,
        "icons": icons,
    }
    return JsonResponse(body, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker from the root, so that it may serve every page; its text changes with the files it keeps."""
    path = finders.find("ui/worker.js")
    if path is None:
        raise Http404
    script = Path(path).read_text()
    names = [asset(name) for name in ("app.css", "theme.js", "offline.js")]
    version = hashlib.sha256("\n".join([script, *names]).encode()).hexdigest()[:12]
    return HttpResponse(f'const VERSION = "{version}";\n{script}', content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page of a lost connection; it knows nobody. ``lang`` is the language of the page that registers."""
    lang = request.GET.get("lang", "")
    with translation.override(lang if lang in dict(settings.LANGUAGES) else translation.get_language()):
        return HttpResponse(render(request, "ui/offline.html").content)

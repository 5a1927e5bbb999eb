"""The widget's script and settings for any site, the demo page, and the pages where widgets are set up."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_http_methods, require_POST, require_safe

from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.middleware import policy
from clientela.integrations.webchat import files, talk
from clientela.integrations.webchat.forms import WidgetForm
from clientela.integrations.webchat.models import Widget
from clientela.integrations.webchat.operations import change_widget, create_widget
from clientela.integrations.webchat.socket import PREFIX
from clientela.modules.accounts.access import Permission, requires

DEMO_KEY = "prichal"


def _script() -> Path:
    """The built script, in development and where static files were gathered."""
    found = finders.find("ui/widget.js") or settings.STATIC_ROOT / "ui/widget.js"
    path = Path(str(found))
    if not path.exists():
        raise Http404
    return path


def _stamp(request: HttpRequest) -> str:
    status = _script().stat()
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'


@require_safe
@cache_control(public=True, max_age=300)
@condition(etag_func=_stamp)
def script(request: HttpRequest) -> HttpResponse:
    """The script under an address that stays, whatever its build is called."""
    response = HttpResponse(_script().read_bytes(), content_type="text/javascript; charset=utf-8")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def socket_url() -> str:
    """Where pages connect: beside the live updates."""
    live = urlsplit(settings.LIVE_URL)
    base = live.path.removesuffix("live/").rstrip("/")
    return f"{'wss' if live.scheme == 'https' else 'ws'}://{live.netloc}{base}{PREFIX}"


@require_safe
def config(request: HttpRequest, key: str) -> HttpResponse:
    """What the script needs before it connects; only for the sites of the widget."""
    origin = request.headers.get("Origin", "")
    own = "/".join(settings.PUBLIC_URL.split("/")[:3])
    widget = talk.find_widget(key, origin or own)
    if widget is None:
        raise Http404
    response = JsonResponse(
        {"name": widget.name, "colour": widget.colour, "socket": f"{socket_url()}{widget.key}/"}
    )
    if origin:
        _to_site(response, origin)
    return response


@require_safe
def handed_out(request: HttpRequest, signed: str) -> FileResponse:
    """A file of a chat, for whoever was given its address there."""
    return files.handed_out(signed)


@csrf_exempt
@require_POST
def send_file(request: HttpRequest, key: str) -> HttpResponse:
    """A visitor's file. Nobody signs in: the token says which visitor it is, the origin on which site."""
    origin = request.headers.get("Origin", "")
    widget = talk.find_widget(key, origin)
    if widget is None:
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > files.LARGEST + 64 * 1024:
        return _to_site(JsonResponse({"code": "file_large"}, status=413), origin)
    visitor = talk.known_key(widget, request.POST.get("token", ""))
    file = request.FILES.get("file")
    if visitor is None or file is None:
        return _to_site(JsonResponse({"code": "introduce"}, status=422), origin)
    cid = request.POST.get("cid", "")[:40]
    try:
        kept = talk.say(widget, visitor, cid, "", now=timezone.now(), file=file)
    except talk.Refused as refused:
        return _to_site(JsonResponse({"code": refused.code}, status=422), origin)
    return _to_site(JsonResponse(kept), origin)


def _to_site(response: HttpResponse, origin: str) -> HttpResponse:
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Vary"] = "Origin"
    return response


@require_safe
@xframe_options_deny
def demo(request: HttpRequest) -> HttpResponse:
    """A page of the demo company's site with its chat."""
    if not settings.DEMO:
        raise Http404
    widget = get_object_or_404(Widget, key=DEMO_KEY)
    response = render(request, "webchat/demo.html", {"widget": widget, "company": settings.COMPANY_NAME})
    socket = urlsplit(socket_url())
    response.headers["Content-Security-Policy"] = policy().replace(
        "connect-src 'self'", f"connect-src 'self' {socket.scheme}://{socket.netloc}"
    )
    return response


@require_safe
@requires(Permission.ORGANISATION_WRITE)
def widgets(request: HttpRequest) -> HttpResponse:
    """All widgets."""
    return render(request, "webchat/list.html", {"widgets": Widget.objects.select_related("branch")})


def snippet(widget: Widget) -> str:
    """The line that a site embeds."""
    public = settings.PUBLIC_URL.rstrip("/")
    return f'<script src="{public}/chat/widget.js" data-widget="{widget.key}" async></script>'


def _form(request: HttpRequest, form: WidgetForm, title: str, widget: Widget | None = None) -> HttpResponse:
    shown = form.data if form.is_bound else form.initial
    context: dict[str, Any] = {"form": form, "title": title, "widget": widget}
    context |= {"snippet": snippet(widget) if widget else "", "seen": _seen(shown)}
    return render(request, "webchat/form.html", context, status=422 if form.errors else 200)


def _seen(values: Any) -> dict[str, str]:
    """What the preview shows."""
    seen = {name: str(values.get(name) or "")[:300] for name in ("name", "greeting", "colour")}
    return seen | {"colour": seen["colour"] if seen["colour"] in Widget.Colour.values else "lake"}


@require_http_methods(["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def create(request: HttpRequest) -> HttpResponseBase:
    """A new widget."""
    form = WidgetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data.pop("key")
        try:
            made = create_widget(actor=request.user, now=timezone.now(), key=key, values=form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("webchat:change", made.pk)
    return _form(request, form, _("New chat on a site"))


@require_http_methods(["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def change(request: HttpRequest, widget_id: int) -> HttpResponseBase:
    """The words, sites and colour of a widget, and the line of code to copy."""
    widget = get_object_or_404(Widget, pk=widget_id)
    form = WidgetForm(request.POST or None, widget=widget)
    if request.method == "POST" and form.is_valid():
        change_widget(actor=request.user, now=timezone.now(), widget=widget, values=form.cleaned_data)
        messages.success(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
        return redirect("webchat:change", widget.pk)
    return _form(request, form, widget.name, widget)


@require_http_methods(["POST"])
@requires(Permission.ORGANISATION_WRITE)
def preview(request: HttpRequest) -> HttpResponse:
    """How the chat would look with these words."""
    return render(request, "webchat/preview.html", {"seen": _seen(request.POST)})

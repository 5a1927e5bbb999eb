"""Signing in by phone, and out."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.refusals import Refusal
from clientela.modules.contacts.operations.one_time_codes import NoSms, WrongCode, did_not_go, last_code
from clientela.portal import limits
from clientela.portal.forms import CodeForm
from clientela.portal.own import operations
from clientela.portal.own.access import KEY, common, visit_of
from clientela.portal.own.forms import EnterForm
from clientela.portal.own.models import Visit

NEXT, DEMO_CODE = "own_next", "own_demo_code"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enter(request: HttpRequest) -> HttpResponseBase:
    """Asks for the phone, and for what shows whose it is."""
    visit = visit_of(request)
    if visit is not None and visit.entered is not None and request.method != "POST":
        return redirect("own:home")
    if request.method != "POST":
        _remember_way(request)
    form, refused = EnterForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["website"]:
            return redirect("own:enter")
        try:
            visit, digits = operations.enter(
                now=timezone.now(), phone=form.cleaned_data["phone"], told=form.told(),
                address=limits.address_of(request),
            )  # fmt: skip
        except NoSms as refusal:
            form.add_error("phone", str(refusal))
        except Refusal as refusal:
            refused = str(refusal)
        else:
            _keep(request, visit, digits)
            return redirect("own:code")
    context = common(request) | {"form": form, "refused": refused}
    return render(request, "own/enter.html", context, status=422 if form.errors or refused else 200)


def _remember_way(request: HttpRequest) -> None:
    """Where the visitor wanted to go: only to the own pages."""
    way = request.GET.get("next", "")
    try:
        own = resolve(way).namespace == "own"
    except Resolver404:
        own = False
    request.session[NEXT] = way if own else ""


def _keep(request: HttpRequest, visit: Visit, digits: str) -> None:
    request.session[KEY] = visit.key
    if settings.DEMO:
        request.session[DEMO_CODE] = digits


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def code(request: HttpRequest) -> HttpResponseBase:
    """Takes the code; a new one may be asked for."""
    visit = visit_of(request)
    if visit is None:
        return redirect("own:enter")
    if visit.entered is not None:
        return redirect("own:home")
    now, again = timezone.now(), "again" in request.POST
    typed = request.method == "POST" and not again
    form, refused = CodeForm(request.POST if typed else None), ""
    try:
        if typed and form.is_valid():
            visit = operations.confirm(now=now, visit=visit, code=form.cleaned_data["code"])
            return _let_in(request, visit)
        if again:
            _keep(
                request, visit, operations.send_code(now=now, visit=visit, address=limits.address_of(request))
            )
    except WrongCode as refusal:
        form.add_error("code", str(refusal))
    except Refusal as refusal:
        refused = str(refusal)
    context = common(request) | _of_code(request, visit) | {"form": form, "refused": refused}
    return render(request, "own/code.html", context, status=422 if form.errors or refused else 200)


def _of_code(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    last = last_code(operations.PURPOSE, visit.pk)
    return {
        "phone": visit.phone, "did_not_go": last is not None and did_not_go(last),
        "demo_code": request.session.get(DEMO_CODE, "") if settings.DEMO else "",
        "code_is_used": last is not None and last.used_at is not None,
    }  # fmt: skip


def _let_in(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Under a new key of the browser's session: one that was known before is worth nothing."""
    way = request.session.pop(NEXT, "")
    request.session.pop(DEMO_CODE, None)
    request.session.cycle_key()
    request.session[KEY] = visit.key
    return redirect(way or "own:home")


@require_POST
@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """Ends the visit."""
    visit = visit_of(request)
    if visit is not None:
        operations.leave(now=timezone.now(), visit=visit)
    request.session.pop(KEY, None)
    return redirect("own:enter")

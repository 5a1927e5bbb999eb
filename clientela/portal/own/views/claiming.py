"""A client reports a loss in three steps, each kept as it goes, and sees how claims stand."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.dates import local_today
from clientela.foundation.ids import id_of
from clientela.foundation.private_files import private_picture
from clientela.foundation.refusals import Refusal
from clientela.modules.claims import operations
from clientela.modules.claims.models import Claim, ClaimPhoto, Notice
from clientela.modules.claims.rules import views_of
from clientela.portal import limits
from clientela.portal.own.access import OwnRequest, common, signed_in
from clientela.portal.own.losses import EventForm, MoneyForm, policies_of

MOST = 50
STEPS = {"event": "own:report", "photos": "own:report_photos", "money": "own:report_money"}


@require_safe
@signed_in
def claims(request: OwnRequest) -> HttpResponse:
    """The client's claims with their states, the newest first."""
    rows = Claim.objects.filter(client=request.owner).select_related("policy__product").order_by("-pk")
    context = common(request) | {"claims": list(rows[:MOST]), "notice": _begun(request)}
    return render(request, "own/claims.html", context)


def _begun(request: OwnRequest) -> Notice | None:
    return Notice.objects.filter(client=request.owner, claim=None).order_by("-pk").first()


def _today(request: OwnRequest) -> date:
    return local_today(request.owner.time_zone or settings.TIME_ZONE, timezone.now())


def _sent(request: OwnRequest) -> HttpResponseBase | None:
    """Where a page leads whose notice was sent meanwhile."""
    key = request.POST.get("notice", "").replace("\x00", "")[:43]
    made = Claim.objects.filter(notice_key=key, client=request.owner).first() if key else None
    return redirect("portal:claim", claim_token=made.token) if made else None


def _over(request: OwnRequest) -> HttpResponseBase:
    """The notice was sent from another page in this moment."""
    if "save" in request.POST:
        return HttpResponse(status=204)
    return _sent(request) or redirect("own:claims")


def _event_form(request: OwnRequest, notice: Notice | None, *, checked: bool = False) -> EventForm:
    today = _today(request)
    policies = policies_of(request.owner, today)
    kept = dict(notice.answers) if notice else {}
    if checked:
        return EventForm(kept, policies=policies, today=today)
    first = {"occurred_on": today.isoformat()}
    asked = request.GET.get("policy", "")
    return EventForm(
        policies=policies, today=today, initial=first | kept | ({"policy": asked} if asked else {})
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def report(request: OwnRequest) -> HttpResponseBase:
    """Which policy, what, when and where. ``save`` only keeps what is typed so far."""
    if (way := _sent(request)) is not None:
        return way
    notice = _begun(request)
    if request.method != "POST":
        form = _event_form(request, notice, checked=request.GET.get("check") == "1")
        return _page(request, "event", notice, {"form": form})
    now = timezone.now()
    typed = {name: request.POST.get(name, "") for name in EventForm.base_fields}
    try:
        notice = operations.notice_of(now=now, client=request.owner)
        notice = operations.keep_answers(now=now, notice=notice, answers=typed)
    except operations.NoticeMade:
        return _over(request)
    if "save" in request.POST:
        return _kept(request, notice)
    if _event_form(request, notice, checked=True).is_valid():
        return redirect("own:report_photos")
    return redirect(f"{reverse('own:report')}?check=1")  # a page that is loaded again sends nothing old


def _kept(request: OwnRequest, notice: Notice) -> HttpResponse:
    """Another policy knows other events, so the form is drawn anew; else nothing is."""
    if request.htmx and request.htmx.target == "report":  # type: ignore[attr-defined]
        context = common(request) | _of_step("event", notice) | {"form": _event_form(request, notice)}
        return render(request, "own/report_event.html", context)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def photos(request: OwnRequest) -> HttpResponseBase:
    """Photos one by one; each is kept at once, and dropped again."""
    if (way := _sent(request)) is not None:
        return way
    notice = _begun(request)
    if notice is None:
        return redirect("own:report")
    refused, view = "", ""
    if request.method == "POST":
        view = request.POST.get("view", "")
        try:
            limits.count("post", f"visit-{request.visit.pk}")
            _photo(request, notice, view)
        except Refusal as refusal:
            refused = str(refusal)
        else:
            if not request.htmx:  # type: ignore[attr-defined]
                return redirect("own:report_photos")
    kept = list(notice.photos.all())
    line = _line(request, notice)
    wanted = [
        {"code": one.value, "label": one.label, "photos": [photo for photo in kept if photo.view == one.value]}
        for one in views_of(line)
    ]  # fmt: skip
    told = {
        "wanted": wanted,
        "refused_photo": refused,
        "refused_view": view if refused else "",
        "count": len(kept),
    }
    return _page(request, "photos", notice, told, wrong=bool(refused))


def _photo(request: OwnRequest, notice: Notice, view: str) -> None:
    given, now = request.FILES.get("photo"), timezone.now()
    if given is not None:
        operations.keep_notice_photo(now=now, notice=notice, view=view, file=given)
    elif (dropped := notice.photos.filter(pk=id_of(request.POST.get("drop", "")) or 0).first()) is not None:
        operations.drop_photo(now=now, notice=notice, photo=dropped)


def _line(request: OwnRequest, notice: Notice) -> str:
    policy = _event_form(request, notice).chosen
    return policy.product.line if policy else ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def money(request: OwnRequest) -> HttpResponseBase:
    """How to get the money, and sending it all; sent twice it is one claim."""
    if (way := _sent(request)) is not None:
        return way
    notice, now = _begun(request), timezone.now()
    if notice is None:
        return redirect("own:report")
    line, owner = _line(request, notice), request.owner
    if request.method != "POST":
        known = {
            "payout": "bank",
            "payee": _full_name(request),
            "bic": owner.bank_bic,
            "account": owner.bank_account,
        }
        typed = {name: notice.answers[name] for name in MoneyForm.base_fields if name in notice.answers}
        form = MoneyForm(line=line, initial=known | typed)
        return _page(
            request, "money", notice, {"form": form, "event": _event_form(request, notice, checked=True)}
        )
    typed = {name: request.POST.get(name, "") for name in MoneyForm.base_fields}
    try:
        notice = operations.keep_answers(now=now, notice=notice, answers=typed)
    except operations.NoticeMade:
        return _over(request)
    if "save" in request.POST:
        return HttpResponse(status=204)
    event, form = _event_form(request, notice, checked=True), MoneyForm(typed, line=line)
    if not event.is_valid():
        return redirect(f"{reverse('own:report')}?check=1")
    if form.is_valid():
        try:
            claim = operations.send_notice(now=now, notice=notice, **event.told(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect(f"{reverse('portal:claim', args=[claim.token])}?sent=1")
    return _page(request, "money", notice, {"form": form, "event": event}, wrong=True)


def _full_name(request: OwnRequest) -> str:
    owner = request.owner
    return " ".join(filter(None, [owner.last_name, owner.first_name, owner.middle_name])) or owner.name


def _of_step(step: str, notice: Notice | None) -> dict[str, Any]:
    number = list(STEPS).index(step) + 1
    return {
        "number": number,
        "bars": [place <= number for place in (1, 2, 3)],
        "notice_key": notice.key if notice else "",
    }


def _page(
    request: OwnRequest, step: str, notice: Notice | None, told: dict[str, Any], *, wrong: bool = False
) -> HttpResponse:
    part = request.htmx and request.htmx.target == "report"  # type: ignore[attr-defined]
    context = common(request, is_step=True) | _of_step(step, notice) | told
    template = f"own/report_{step}.html" if part else "own/report.html"
    context["step_template"] = f"own/report_{step}.html"
    return render(request, template, context, status=422 if wrong else 200)


@require_safe
@signed_in
def photo(request: OwnRequest, claim_photo_id: int) -> HttpResponseBase:
    """A photo of a notice this client is writing."""
    found = get_object_or_404(ClaimPhoto, pk=claim_photo_id, notice__client=request.owner)
    return private_picture(found.file)

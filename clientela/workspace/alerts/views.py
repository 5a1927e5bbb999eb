"""A person's alerts: the settings, and what open pages ask for."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.foundation.ids import id_of
from clientela.foundation.push.keys import vapid
from clientela.foundation.push.models import Alert, Subscription
from clientela.foundation.push.operations import choose, notify, preference_of, subscribe, unsubscribe
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import caller, signed_in
from clientela.modules.accounts.queries import browser_name
from clientela.workspace.alerts import queries
from clientela.workspace.alerts.forms import AlertsForm

HUSH = timedelta(hours=1)


def as_told(alert: Alert) -> dict[str, Any]:
    """An alert as pages get it."""
    return {
        "id": alert.pk, "title": alert.title, "body": alert.body, "url": alert.url, "page": alert.on_page,
        "sound": alert.with_sound,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings_page(request: HttpRequest) -> HttpResponse:
    """What to hear of, how, and when not."""
    user, now = caller(request), timezone.now()
    kept = preference_of(user)
    form = AlertsForm(request.POST or None, kept=kept)
    if request.method == "POST" and form.is_valid():
        choose(actor=user, now=now, quiet_until=kept.quiet_until, **form.chosen())
        messages.success(request, _("Alerts are set"))
        return redirect("alerts:settings")
    context = {
        "form": form, "browsers": Subscription.objects.filter(user=user), "key": vapid().browser,
        "hushed_until": kept.quiet_until if kept.quiet_until and kept.quiet_until > now else None,
    }  # fmt: skip
    return render(request, "alerts/settings.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@signed_in
def news(request: HttpRequest) -> JsonResponse:
    """What came after the last one the page knows, and how much waits."""
    user = caller(request)
    after = request.GET.get("after", "")
    alerts, last = queries.since(user, 0 if after == "0" else id_of(after))
    items = [as_told(alert) for alert in alerts]
    return JsonResponse({"items": items, "last": last, "counts": queries.counts(user)})


@require_POST
@signed_in
def trial(request: HttpRequest) -> HttpResponse:
    """An alert to oneself, to see that it comes."""
    now = timezone.now()
    notify(
        user_ids=[caller(request).pk], topic="mention", title=gettext_lazy("A trial alert"),
        body=gettext_lazy("This is how it looks and sounds."), url=reverse("alerts:settings"), now=now,
        key=f"trial:{now.isoformat()}",
    )  # fmt: skip
    return HttpResponse(status=204)


@require_POST
@signed_in
def hush(request: HttpRequest) -> HttpResponseBase:
    """No sound and no push for an hour, or again at once."""
    user, now = caller(request), timezone.now()
    kept = preference_of(user)
    until = now + HUSH if request.POST.get("on") == "1" else None
    chosen = {name: getattr(kept, name) for name in ("ways", "quiet_from", "quiet_to", "shows_words")}
    choose(actor=user, now=now, quiet_until=until, **chosen)
    return redirect("alerts:settings")


@require_POST
@signed_in
def add_browser(request: HttpRequest) -> HttpResponse:
    """This browser has its person's leave and shows notifications from now on."""
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    browser = browser_name(request.headers.get("User-Agent", ""))
    try:
        subscribe(actor=caller(request), now=timezone.now(), browser=browser, **given)
    except Refusal as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@require_POST
@signed_in
def remove_browser(request: HttpRequest, browser_id: int) -> HttpResponseBase:
    """That browser shows nothing any more."""
    user = caller(request)
    found = get_object_or_404(Subscription.objects.filter(user=user), pk=browser_id)
    unsubscribe(actor=user, now=timezone.now(), subscription=found)
    messages.success(request, _("The browser shows nothing any more"))
    return redirect("alerts:settings")

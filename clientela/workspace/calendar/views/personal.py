"""What a person sets for the calendar: reminders, the secret address, passwords of programs."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.calendar.models import Keeper
from clientela.modules.calendar.operations import settings as own
from clientela.modules.calendar.operations.reminding import keep_for
from clientela.workspace.calendar.forms import PasswordForm, RuleForm


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    user, now = caller(request), timezone.now()
    keep_for([user.pk], now=now)
    token = own.feed_token(Keeper.objects.filter(person=user).first())
    host = settings.PUBLIC_URL.rstrip("/")
    context = {
        "rules": user.reminder_rules.all(),
        "rule_form": RuleForm(),
        "password_form": PasswordForm(),
        "passwords": user.calendar_passwords.filter(revoked_at__isnull=True).order_by("-id"),
        "feed": f"{host}{reverse('caldav:feed', args=[token])}" if token else "",
        "server": f"{host}{reverse('caldav:root')}",
    }
    return render(request, "calendar/settings.html", context | more, status=status)


@requires(Permission.CALENDAR_USE)
@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return _page(request)


@requires(Permission.CALENDAR_USE)
@require_POST
def add_rule(request: HttpRequest) -> HttpResponseBase:
    form = RuleForm(request.POST)
    if form.is_valid():
        try:
            own.add_rule(actor=caller(request), now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("The reminder is set."))
            return redirect("calendar:settings")
    return _page(request, status=422, rule_form=form)


@requires(Permission.CALENDAR_USE)
@require_POST
def switch_rule(request: HttpRequest, rule_id: int) -> HttpResponseBase:
    """The switch beside a reminder."""
    rule = get_object_or_404(caller(request).reminder_rules, pk=rule_id)
    own.switch_rule(actor=caller(request), now=timezone.now(), rule=rule, on="on" in request.POST)
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse(status=204)
        trigger_client_event(response, "toast", {"text": _("Saved."), "kind": "good"})
        return response
    return redirect("calendar:settings")


@requires(Permission.CALENDAR_USE)
@require_POST
def remove_rule(request: HttpRequest, rule_id: int) -> HttpResponseBase:
    rule = get_object_or_404(caller(request).reminder_rules, pk=rule_id)
    own.remove_rule(actor=caller(request), now=timezone.now(), rule=rule)
    messages.success(request, _("The reminder is removed."))
    return redirect("calendar:settings")


@requires(Permission.CALENDAR_USE)
@require_POST
def renew_feed(request: HttpRequest) -> HttpResponseBase:
    own.renew_feed(actor=caller(request), now=timezone.now())
    messages.success(request, _("The address is new; the old one has stopped."))
    return redirect("calendar:settings")


@requires(Permission.CALENDAR_USE)
@require_POST
def close_feed(request: HttpRequest) -> HttpResponseBase:
    own.close_feed(actor=caller(request), now=timezone.now())
    messages.success(request, _("The address has stopped."))
    return redirect("calendar:settings")


@requires(Permission.CALENDAR_USE)
@never_cache
@require_POST
def make_password(request: HttpRequest) -> HttpResponseBase:
    """The password stands on this page and nowhere after it."""
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, password_form=form)
    try:
        _row, secret = own.make_password(
            actor=caller(request), now=timezone.now(), name=form.cleaned_data["name"]
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _page(request, status=422, password_form=form)
    return _page(request, secret=secret)


@requires(Permission.CALENDAR_USE)
@require_POST
def revoke_password(request: HttpRequest, password_id: int) -> HttpResponseBase:
    row = get_object_or_404(caller(request).calendar_passwords, pk=password_id)
    own.revoke_password(actor=caller(request), now=timezone.now(), password=row)
    messages.success(request, _("The program stops at its next request."))
    return redirect("calendar:settings")

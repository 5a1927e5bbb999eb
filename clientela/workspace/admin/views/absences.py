"""Who is away, and entering and ending an absence."""

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from clientela.foundation.dates import add_months, local_today
from clientela.foundation.ids import id_of
from clientela.foundation.ui import formats
from clientela.modules.accounts.access import Permission, caller, signed_in
from clientela.modules.accounts.models import User
from clientela.modules.organisation import operations
from clientela.modules.organisation.models import Absence
from clientela.modules.organisation.queries import absence_planned_by, absences_visible_to
from clientela.workspace.admin.forms.absences import AbsenceForm, EndingForm, PersonChoice
from clientela.workspace.admin.queries import absences as queries
from clientela.workspace.admin.views.forms_page import answer

MONTHS_BACK, MONTHS_AHEAD = 2, 3


@signed_in
@require_GET
def absences(request: HttpRequest) -> HttpResponse:
    """The month with everybody in sight who is away."""
    today = timezone.localdate()
    first = _month(request.GET.get("month", ""), today)
    days = [first + timedelta(days=n) for n in range(monthrange(first.year, first.month)[1])]
    rows, more = queries.month_of(caller(request), first, today=today)
    context = {
        "rows": rows,
        "more": more,
        "days": [
            {"day": day, "today": day == today, "mark": day == today or day.day in (1, 5, 10, 15, 20, 25, 30)}
            for day in days
        ],
        "now_at": 100 * (today - first).days / len(days) if first <= today <= days[-1] else None,
        "day_width": 100 / len(days),
        "months": _months(first, today),
        "away_now": sum(row.now for row in rows),
        "may_read": caller(request).can(Permission.ORGANISATION_READ),
        "may_plan": absence_planned_by(caller(request)).exists(),
    }
    return render(request, "organisation/absences.html", context)


def _month(text: str, today: date) -> date:
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return asked if 2000 <= asked.year <= 2100 else today.replace(day=1)


def _months(first: date, today: date) -> list[dict[str, Any]]:
    middle = today.replace(day=1)
    months = [add_months(middle, n) for n in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]
    if first not in months:
        months = sorted([first, *months])
    return [
        {"label": date_format(month, "M").lower(), "url": f"?month={month:%Y-%m}", "current": month == first}
        for month in months
    ]


@signed_in
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Enter an absence: of ``?person=``, of oneself, or first choose of whom."""
    people = absence_planned_by(caller(request))
    asked = id_of(request.GET.get("person"))
    person = get_object_or_404(people, pk=asked) if asked else _only(people)
    if person is None:
        context = {"form": PersonChoice(people=people), "title": _("Who will be away?")}
        return render(request, "organisation/absence_person.html", context)
    return answer(
        request,
        form=AbsenceForm(request.POST or None, person=person),
        act=lambda **values: operations.plan_absence(
            actor=caller(request), now=timezone.now(), person=person, **values
        ),
        title=_("Absence: %(name)s") % {"name": person},
        back=reverse("organisation:absences"),
        done=_("The absence is entered: the substitute sees the clients on these days."),
        template="organisation/absence.html",
        person_shown=person,
    )


@contextmanager
def telling_of_ended(request: HttpRequest, person: User | None) -> Iterator[None]:
    """Name the substitutions of ``person`` that the move inside ended, so that somebody finds another substitute."""
    today = timezone.localdate()
    before = queries.open_of(person, today=today)
    yield
    for key in before.keys() - queries.open_of(person, today=today).keys():
        words = {"name": before[key].substitute, "other": before[key].person}
        messages.warning(
            request, _("%(name)s no longer stands in for %(other)s: find another substitute.") % words
        )


def _only(people: Any) -> User | None:
    found = list(people[:2])
    return found[0] if len(found) == 1 else None


@signed_in
@require_http_methods(["GET", "POST"])
def ending(request: HttpRequest, absence_id: int) -> HttpResponse:
    """The person is back on a day that is chosen: from then the substitute no longer sees the clients."""
    absence = get_object_or_404(absences_visible_to(caller(request)), pk=absence_id)
    now = timezone.now()
    if not absence_planned_by(caller(request)).filter(pk=absence.person_id).exists():
        raise PermissionDenied
    form = EndingForm(request.POST or None, absence=absence, today=local_today(absence.person.time_zone, now))
    if request.method == "POST" and form.is_valid():
        last_day = form.cleaned_data["back_on"] - timedelta(days=1)
        try:
            operations.end_absence(actor=caller(request), now=now, absence=absence, last_day=last_day)
        except ValidationError as error:  # somebody ended it at this moment
            form.add_error("back_on", error.messages)
        else:
            messages.success(request, _ended(absence, last_day))
            url = reverse("organisation:absences")
            return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "absence": absence,
        "title": _("When is %(name)s back?") % {"name": absence.person},
    }
    template = "absence_ending_dialog" if request.htmx else "absence_ending"  # type: ignore[attr-defined]
    return render(request, f"organisation/{template}.html", context, status=422 if form.errors else 200)


def _ended(absence: Absence, last_day: date) -> str:
    words = {
        "name": absence.person,
        "day": formats.long_date(last_day, get_language() or "ru", timezone.localdate()),
    }
    if last_day < absence.first_day:
        return _("The absence of %(name)s is taken back.") % words
    return _("%(name)s is away until %(day)s inclusive.") % words

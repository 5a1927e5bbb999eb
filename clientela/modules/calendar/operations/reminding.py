"""Reminders: each once, whatever stops in between. The mark and everything it causes are one transaction."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.foundation.claims import one_at_a_time
from clientela.foundation.outbox.operations import publish
from clientela.foundation.push.operations import notify
from clientela.foundation.ui import formats
from clientela.modules.accounts.models import User
from clientela.modules.calendar.events import ReminderDue
from clientela.modules.calendar.models import Attendee, Event, Keeper, Reminder, Rule
from clientela.modules.calendar.operations.letters import send_mail
from clientela.modules.calendar.queries.shown import Occurrence, occurrences_of, span_of
from clientela.modules.calendar.rules import first_after

When = Rule.When
# What everybody starts with: the week on Monday, the day, an hour before an event and two before a visit.
DEFAULTS = (
    {"when": When.WEEK, "at": time(9), "by_email": True},
    {"when": When.DAY, "at": time(8, 45), "by_push": True},
    {"when": When.BEFORE, "minutes": 60, "by_push": True},
    {"when": When.BEFORE, "minutes": 120, "kind": Event.Kind.VISIT, "by_push": True},
)
LONGEST_LEAD = 24 * 60
TOPIC, CALENDAR = "reminder", "/calendar/"
# A day or a week that nobody was reminded of for so long (the server was away) is not reminded of any more.
_LATE = timedelta(hours=2)
_BATCH = 500


def keep_for(people: Iterable[int], *, now: datetime) -> None:
    """Give those who have none yet the rules everybody starts with."""
    wanted = set(people)
    wanted -= set(Keeper.objects.filter(person_id__in=wanted).values_list("person_id", flat=True))
    for person_id in sorted(wanted):
        with transaction.atomic():
            _keeper, fresh = Keeper.objects.get_or_create(person_id=person_id)
            if fresh:
                Rule.objects.bulk_create(
                    Rule(person_id=person_id, created_at=now, **values) for values in DEFAULTS
                )


def send_reminders(*, now: datetime) -> int:
    """Remind of everything that is due; returns how many reminders were made. Any number of workers may call it."""
    with transaction.atomic():
        one_at_a_time("calendar.reminders")
        _look_ahead(now)
        return _before_events(now) + _of_days(now)


def _look_ahead(now: datetime) -> None:
    """The next start of events whose last one has come."""
    come = list(Event.objects.filter(next_at__lte=now)[:_BATCH])
    for row in come:
        row.next_at = None if row.deleted_at else first_after(span_of(row), now)
    Event.objects.bulk_update(come, ["next_at"])


def _before_events(now: datetime) -> int:
    leads = Rule.objects.filter(when=When.BEFORE, on=True)
    longest = leads.order_by("-minutes").values_list("minutes", flat=True).first()
    if longest is None:
        return 0
    rows = list(
        Event.objects.filter(
            next_at__gt=now, next_at__lte=now + timedelta(minutes=longest), deleted_at__isnull=True
        )
        .exclude(series__deleted_at__isnull=False)
        .select_related("series")
        .prefetch_related("attendees", "series__attendees")
        .order_by("next_at")
    )
    comers = {row.pk: _comers(row) for row in rows}
    rules: defaultdict[int, list[Rule]] = defaultdict(list)
    people = {person for some in comers.values() for person in some}
    for rule in leads.filter(person_id__in=people, person__is_active=True).select_related("person"):
        rules[rule.person_id].append(rule)
    due: dict[str, tuple[Rule, Event]] = {}
    for row in rows:
        assert row.next_at is not None
        for person in sorted(comers[row.pk]):
            for rule in _of_kind(rules[person], row.kind):
                at = row.next_at - timedelta(minutes=rule.minutes)
                if row.timed_at <= at <= now:
                    due[f"{rule.pk}:{row.pk}:{int(row.next_at.timestamp())}"] = rule, row
    for key in Reminder.objects.filter(key__in=due).values_list("key", flat=True):
        del due[key]
    for key, (rule, row) in due.items():
        _remind(rule, key, now, event=row, lines=[_line(rule.person, row, row.next_at)])
    return len(due)


def _comers(event: Event) -> set[int]:
    """Who is expected: the organiser, and the invited who did not say no."""
    whole = event.series or event
    return {event.organiser_id} | {
        row.person_id for row in whole.attendees.all() if row.person_id and row.answer != Attendee.Answer.NO
    }


def _of_kind(rules: list[Rule], kind: str) -> list[Rule]:
    """Rules for this kind of event; those for any kind where the person has none."""
    own = [rule for rule in rules if rule.kind == kind]
    return own or [rule for rule in rules if not rule.kind]


def _of_days(now: datetime) -> int:
    zones = User.objects.filter(reminder_rules__on=True).values_list("time_zone", flat=True).distinct()
    made = 0
    for zone in zones:
        local = now.astimezone(ZoneInfo(zone))
        whens = [When.DAY, When.WEEK] if local.weekday() == 0 else [When.DAY]
        if local.weekday() > 4:
            continue
        since = max(local - _LATE, local.replace(hour=0, minute=0, second=0, microsecond=0))
        rules = Rule.objects.filter(
            on=True, when__in=whens, at__lte=local.time(), at__gte=since.time(), person__time_zone=zone,
            person__is_active=True,
        ).exclude(done_on=local.date())  # fmt: skip
        for rule in rules.select_related("person")[:_BATCH]:
            made += _of_day(rule, local, now)
    return made


def _of_day(rule: Rule, local: datetime, now: datetime) -> bool:
    rule.done_on = local.date()
    rule.save(update_fields=["done_on"])
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    days = 7 if rule.when == When.WEEK else 1
    coming: list[Occurrence] = occurrences_of(
        rule.person, max(now, midnight), midnight + timedelta(days=days), with_declined=False
    )
    if not coming:
        return False
    lines = [_line(rule.person, one.event, one.starts_at, with_day=days > 1) for one in coming]
    _remind(rule, f"{rule.pk}:{rule.when}:{local.date()}", now, lines=lines)
    return True


def _line(person: User, event: Event, start: datetime | None, *, with_day: bool = False) -> str:
    assert start is not None
    local = start.astimezone(ZoneInfo(person.time_zone))
    day = formats.short_date(local.date(), person.language) + " " if with_day else ""
    at = "" if event.all_day else f"{local:%H:%M} "
    return f"{day}{at}{event.title}"


def _remind(rule: Rule, key: str, now: datetime, *, lines: list[str], event: Event | None = None) -> None:
    person = rule.person
    with translation.override(person.language):
        if event is not None:
            title = _("Soon: %(event)s") % {"event": lines[0]}
        else:
            counted = ngettext("%(count)d event", "%(count)d events", len(lines)) % {"count": len(lines)}
            which = _("This week: %(events)s") if rule.when == When.WEEK else _("Today: %(events)s")
            title = which % {"events": counted}
        text = title if event is not None else f"{title}. {lines[0]}"
    # An alert stands on the page too, as the person chose for alerts: one of the two is enough.
    alerted = rule.by_push and notify(
        user_ids=[person.pk], topic=TOPIC, title=title, body=lines[0] if event is None else event.place,
        url=CALENDAR, now=now, key=f"calendar:{key}",
    )  # fmt: skip
    on_page = rule.by_page and not alerted
    Reminder.objects.create(person=person, key=key, event=event, text=text[:300], at=now, by_page=on_page)
    if on_page:
        publish(ReminderDue(person.pk), now=now)
    if rule.by_email:
        place = f"\n{event.place}" if event is not None and event.place else ""
        send_mail(address=person.email, subject=title, text="\n".join(lines) + place, now=now)


@transaction.atomic
def take_notices(person: Any, *, now: datetime) -> list[str]:
    """What the person's page shows now, each once; what is older than an hour is left alone."""
    rows = Reminder.objects.select_for_update().filter(
        person=person, by_page=True, shown_at__isnull=True, at__gte=now - timedelta(hours=1)
    )
    texts = {row.pk: row.text for row in rows.order_by("id")[:4]}
    Reminder.objects.filter(pk__in=texts).update(shown_at=now)
    return list(texts.values())

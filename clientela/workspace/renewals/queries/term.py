"""Reads of one term: its plan with the checks of every touch, its prices and payments, its story."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clientela.foundation.audit.models import Entry
from clientela.modules.billing.models import Payment
from clientela.modules.contacts.models import Channel, Consent, Message, Purpose
from clientela.modules.contacts.queries.facts import Ask, assess_all
from clientela.modules.contacts.rules import Check, Code, Verdict, describe
from clientela.modules.contracts.models import Policy, Project, Quote
from clientela.modules.contracts.price_words import why_shown
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.queries.norms import NormRow, norms_of
from clientela.modules.renewals.queries.plan_view import PlanEntry, plan_of
from clientela.modules.renewals.queries.planning import versions_in_force
from clientela.workspace.renewals.rows import word_of

RELATED = (
    "client", "policy__insured_object", "product", "bank", "agent__user", "branch", "centre", "lost_reason",
)  # fmt: skip
STORY = 60
# Checks that are known before the text is written and the day has come.
EARLY = {Code.DO_NOT_CONTACT, Code.CONTACT_POINT, Code.CONSENT}
TIMED = EARLY | {Code.QUIET_HOURS, Code.FREQUENCY}
OPEN_CALL = {Touch.State.PLANNED, Touch.State.QUEUED}


def terms_for(user: Any) -> "QuerySet[Renewal]":
    """Visible terms with everything the drawer names."""
    return Renewal.objects.visible_to(user).select_related(*RELATED)


@dataclass(frozen=True)
class TouchLine:
    """One touch of the plan in words."""

    entry: PlanEntry
    kind: str
    word: str
    text: str
    at: datetime | None
    checks: list[dict[str, str]] = field(default_factory=list)
    can_finish: bool = False


@dataclass(frozen=True)
class PlanDay:
    """The touches of one day (or of one period) of the plan."""

    day: int
    until_day: int | None
    first: date
    until: date | None
    when: str
    touches: list[TouchLine]


def plan_days(term: Renewal, *, today: date, now: datetime) -> list[PlanDay]:
    """The plan by days, earliest first; touches still to come carry the checks of the communication policy."""
    entries = plan_of(term, today=today)
    answers = _answers(term, entries, now=now)
    days: dict[tuple[int, int | None], list[PlanEntry]] = {}
    for entry in entries:
        until = entry.until_day if entry.channel == Channel.ROBOT else None
        days.setdefault((entry.day, until), []).append(entry)
    return [_plan_day(key, group, answers, term, today=today) for key, group in days.items()]


def _answers(term: Renewal, entries: Iterable[PlanEntry], *, now: datetime) -> dict[str, Verdict]:
    """The policy's verdict on every touch still to go, as if judged at its moment; five statements at most."""
    ahead = [e for e in entries if e.kind == "go" and not e.verdict and e.channel != Channel.ROBOT]
    asks = [Ask(term.client_id, e.channel, Purpose.SERVICE, text="-", not_before=e.at) for e in ahead]
    found = zip(ahead, assess_all(asks, now=now), strict=True)
    return {entry.key: answer.verdict for entry, answer in found}


def _plan_day(
    key: tuple[int, int | None],
    group: list[PlanEntry],
    answers: dict[str, Verdict],
    term: Renewal,
    *,
    today: date,
) -> PlanDay:
    day, until_day = key
    first = group[0].date
    until = term.end_date - timedelta(days=until_day) if until_day is not None else None
    last = until or first
    when = "past" if last < today else "future" if first > today else "now"
    lines = [_touch_line(entry, answers.get(entry.key), when=when, today=today) for entry in group]
    return PlanDay(day, until_day, first, until, when, lines)


def _touch_line(entry: PlanEntry, answer: Verdict | None, *, when: str, today: date) -> TouchLine:
    kind, word = entry.kind, word_of(_state(entry), entry.channel, gone=when == "past")
    in_list = entry.channel == Channel.OPERATOR and entry.state == Touch.State.QUEUED
    checks, at = [], entry.at
    if answer is not None:
        near = (entry.date - today).days <= 1
        checks = _checks(check for check in answer.checks if check.code in (TIMED if near else EARLY))
        blocked = [c for c in answer.checks if not c.passed and c.code in EARLY]
        if blocked:
            kind, word = "no", word_of("stopped", entry.channel, gone=False)
        elif near and not in_list and answer.decision == "wait" and answer.until:
            kind, word, at = "wait", word_of(Touch.State.QUEUED, "", gone=False), answer.until
    elif entry.verdict:
        checks = _checks(Verdict.from_json(entry.verdict).checks)
    if entry.kind == "no" and entry.reason_text:
        checks = [
            {"state": "no", "text": entry.reason_text},
            *[c for c in checks if c["text"] != entry.reason_text],
        ]
    return TouchLine(
        entry=entry,
        kind="wait" if in_list and kind == "go" else kind,
        word=word,
        text=entry.reason_text if entry.kind in {"done", "fail"} else "",
        at=None if kind == "no" or in_list else at,
        checks=checks,
        can_finish=entry.channel == Channel.OPERATOR
        and entry.touch_id is not None
        and entry.state in OPEN_CALL,
    )


def _state(entry: PlanEntry) -> str:
    return "stopped" if entry.kind == "no" else entry.state


def _checks(checks: Iterable[Check]) -> list[dict[str, str]]:
    waits = {Code.QUIET_HOURS, Code.FREQUENCY}
    return [
        {
            "state": "yes" if check.passed else "wait" if check.code in waits else "no",
            "text": str(describe(check)),
        }
        for check in checks
        if not (check.passed and check.code == Code.DO_NOT_CONTACT)
    ]


def norm_of_line(term: Renewal) -> NormRow | None:
    """How the agent stands to the norm of this term's line; for KASKO with OSAGO the worse of the two."""
    if term.agent is None:
        return None
    lines = {"kasko_osago": {"kasko", "osago"}}.get(term.line, {term.line})
    rows = [row for row in norms_of(term.agent) if row.line in lines and row.share is not None]
    return min(rows, key=lambda row: (row.kept, (row.share or 0) - row.target), default=None)


def schedules_of(codes: Iterable[str], *, today: date) -> list[str]:
    """Names and versions of the schedules whose steps stand in the plan. Kept for a minute."""
    key = f"renewals.schedules:{today}"
    known = cache.get(key)
    if known is None:
        versions = versions_in_force(today).select_related("schedule").order_by("schedule__position")
        known = [(v.schedule.code, v.schedule.name, v.number) for v in versions]
        cache.set(key, known, 60)
    wanted = set(codes)
    words = _("“%(name)s”, version %(number)s")
    return [words % {"name": name, "number": number} for code, name, number in known if code in wanted]


def companions_of(term: Renewal) -> list[str]:
    """Numbers of the policies sold and renewed together with this one."""
    if term.line != "kasko_osago":
        return []
    companions = Policy.objects.filter(package_id=term.policy_id, status=Policy.Status.ISSUED)
    return list(companions.values_list("number", flat=True)[:5])


def open_project(term: Renewal) -> Project | None:
    """The project that may still be changed, offered and paid."""
    return Project.objects.filter(
        policy_id=term.policy_id, state__in=[Project.State.OPEN, Project.State.OFFERED]
    ).first()


@dataclass(frozen=True)
class Prices:
    """Quotes, projects and payments of the next term, the newest first."""

    quotes: list[Quote]
    projects: list[Project]
    payments: list[Payment]
    project: Project | None
    left: Decimal

    @property
    def why(self) -> str:
        """Why the price differs, in the language of the page."""
        return why_shown(self.project) if self.project else ""


def prices_of(term: Renewal) -> Prices:
    """Everything calculated and paid for the next term; three statements."""
    quotes = list(
        Quote.objects.filter(policy_id=term.policy_id).select_related("created_by").order_by("-id")[:20]
    )
    projects = list(
        Project.objects.filter(policy_id=term.policy_id)
        .select_related("created_by", "next_policy", "product")
        .order_by("-id")[:20]
    )
    payments = list(
        Payment.objects.filter(project__policy_id=term.policy_id)
        .select_related("registered_by")
        .order_by("-paid_at")[:20]
    )
    project = next((p for p in projects if p.state in (Project.State.OPEN, Project.State.OFFERED)), None)
    paid = sum((p.amount for p in payments if project and p.project_id == project.pk), Decimal(0))
    return Prices(quotes, projects, payments, project, project.premium - paid if project else Decimal(0))


def entries_of(term: Renewal) -> list[Entry]:
    """What people did with the term and its policy, from the journal, the newest first."""
    return list(
        Entry.objects.filter(
            Q(object_type="renewals.renewal", object_id=term.pk)
            | Q(object_type="contracts.policy", object_id=term.policy_id)
            | Q(object_type="renewals.touch", object_id__in=term.touches.values("id"))
        ).order_by("-at")[:STORY]
    )


def replies_of(term: Renewal) -> list[Message]:
    """What the client wrote since the term was opened, the newest first."""
    since = term.end_date - timedelta(days=60)
    return list(
        Message.objects.filter(
            client_id=term.client_id, direction=Message.Direction.IN, created_at__date__gte=since
        ).order_by("-created_at")[:20]
    )


def consents_of(term: Renewal) -> list[str]:
    """Channels with a consent in force for messages about contracts."""
    channels = Consent.objects.filter(
        client_id=term.client_id, purpose=Purpose.SERVICE, withdrawn_at__isnull=True
    ).values_list("channel", flat=True)
    return sorted(channels)

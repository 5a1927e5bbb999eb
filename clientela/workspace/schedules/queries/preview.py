"""A text of a step as one real client would get it, with what the network and the policy say about it."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from clientela.foundation.dates import local_moment
from clientela.modules.contacts.models import WRITTEN, Channel, Purpose
from clientela.modules.contacts.queries.facts import Ask, assess_all, policy_in_force
from clientela.modules.contacts.rules import (
    SAMPLE_VALUES,
    Check,
    Code,
    PointFacts,
    SendFacts,
    SmsSize,
    TextError,
    Verdict,
    assess,
    render,
    sms_size,
)
from clientela.modules.renewals.models import Renewal, Step
from clientela.modules.renewals.queries.planning import audience, spec
from clientela.modules.renewals.queries.texts import OFFERED, variables
from clientela.workspace.schedules.queries.day_plan import GOES, met_by

RELATED = ("client", "policy__insured_object", "product", "bank", "agent", "centre")


@dataclass(frozen=True)
class Preview:
    """What a step's text becomes. ``error`` says why it becomes nothing; ``size`` is of an SMS only."""

    text: str = ""
    subject: str = ""
    error: str = ""
    size: SmsSize | None = None
    checks: list[Check] = field(default_factory=list)
    term: Renewal | None = None
    verdict: Verdict | None = None
    moment: datetime | None = None

    @property
    def units(self) -> int:
        return self.size.units if self.size else len(self.text)

    @property
    def nda(self) -> Check | None:
        return next((check for check in self.checks if check.code == Code.AGENT_NDA), None)

    @property
    def length(self) -> Check | None:
        return next((check for check in self.checks if check.code == Code.LENGTH), None)


def term_for(user: Any, step: Step, *, today: date, after: int = 0) -> Renewal | None:
    """A visible term to show the text on: the next one that gets the step tomorrow, else anybody it is for."""
    tomorrow = today + timedelta(days=1)
    going = met_by(user, step, day=tomorrow, today=today).filter(GOES)
    return _next(going, after) or _next(_anybody(user, step, today), after)


def named_term(user: Any, renewal_id: int) -> Renewal | None:
    """The visible term with this id."""
    return Renewal.objects.visible_to(user).select_related(*RELATED).filter(pk=renewal_id).first()


def _anybody(user: Any, step: Step, today: date) -> "QuerySet[Renewal]":
    terms = Renewal.objects.visible_to(user).filter(audience(spec(step)))
    return terms.filter(end_date__gte=today, end_date__lte=today + timedelta(days=step.day))


def _next(terms: "QuerySet[Renewal]", after: int) -> Renewal | None:
    rows = terms.select_related(*RELATED).order_by("id")
    return rows.filter(pk__gt=after).first() or (rows.first() if after else None)


def preview(
    step: Step, *, text: str, subject: str, language: str, term: Renewal | None, today: date, now: datetime
) -> Preview:
    """Fill ``text`` for ``term`` (or with sample values) and judge it. Nothing is stored and nothing is sent."""
    values = variables(term, language=language) if term else {name: SAMPLE_VALUES[name] for name in OFFERED}
    try:
        filled, head = render(text, values), render(subject, values)
    except TextError as error:
        return Preview(error=str(error), term=term)
    checks, verdict, moment = [], None, None
    if step.channel in WRITTEN:
        policy = policy_in_force()
        facts = SendFacts(
            channel=step.channel, purpose=Purpose.SERVICE, time_zone=term.time_zone if term else settings.TIME_ZONE,
            point=PointFacts(), consent_since=now, text=filled, subject=head, has_agent=True,
        )  # fmt: skip
        checks = [c for c in assess(facts, policy, now).checks if c.code in (Code.AGENT_NDA, Code.LENGTH)]
        if term is not None:
            moment = _moment(step.at_time, term, today)
            ask = Ask(
                term.client_id, step.channel, Purpose.SERVICE, text=filled, subject=head, not_before=moment
            )
            verdict = assess_all([ask], now=now, policy=policy)[0].verdict
    return Preview(
        text=filled, subject=head, size=sms_size(filled) if step.channel == Channel.SMS else None,
        checks=checks, term=term, verdict=verdict, moment=moment,
    )  # fmt: skip


def _moment(at: time, term: Renewal, today: date) -> datetime:
    return local_moment(today + timedelta(days=1), at, term.time_zone)

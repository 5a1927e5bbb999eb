"""The last weeks of work on renewals: touches and messages with what became of them.

Which touch went and what held another back is decided by the product's own rules, on the facts as
they stood on the touch's day.
"""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext, override

from clientela.demo import trial
from clientela.demo.bulk import next_id, reset_sequences, write_rows
from clientela.demo.history_facts import Known, known_terms
from clientela.demo.load_renewals import SEEN_DAYS, write_renewals
from clientela.foundation.dates import local_moment
from clientela.modules.contacts.models import Message, Signal
from clientela.modules.contacts.rules.texts import render
from clientela.modules.renewals import rules
from clientela.modules.renewals.models import PlanDay, Renewal, Step, TermLine, Touch
from clientela.modules.renewals.operations.norms import compute_norms
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.modules.renewals.queries.planning import spec, steps_in_force

if TYPE_CHECKING:
    from clientela.demo.load import DemoCompany

DAYS = 45
ORIGIN = "renewals.touch"
# What becomes of a message by channel: (state, share); a reply counts as read.
OUTCOMES = {
    "sms": (("delivered", 0.87), ("sent", 0.03), ("failed", 0.04), ("replied", 0.06)),
    "email": (("delivered", 0.52), ("opened", 0.42), ("failed", 0.03), ("replied", 0.03)),
    "vk": (("delivered", 0.43), ("opened", 0.48), ("failed", 0.05), ("replied", 0.04)),
}
CALL_OUTCOMES = (
    "Продлит, ждёт расчёт",
    "Подумает",
    "Просил перезвонить",
    "Не отвечает",
    "Дорого",
    "Продлил у агента",
)
CALLED_SHARE = 0.7
REPLIES = ("Спасибо, продлю", "Уже договорился с агентом", "Сколько будет стоить?", "Позвоните после шести",
           "Да, оставляем как было", "Машину продаю, пока не надо", "Можно в рассрочку?", "ок")  # fmt: skip
STATES = {"delivered": "delivered", "sent": "sent", "failed": "failed", "opened": "read", "replied": "read"}


@dataclass(slots=True)
class _Gone:
    """One touch of the past with its message, if there was one."""

    row: tuple[Any, ...]
    message: tuple[Any, ...] | None = None
    signals: tuple[tuple[str, datetime], ...] = ()
    reply: tuple[Any, ...] | None = None


def write_history(company: "DemoCompany") -> dict[str, int]:
    """Expiring terms with their facts, norms, and the touches of the last 45 days; today's plan is made too."""
    today, now = company.today, company.now
    load_shipped(now=now - timedelta(days=SEEN_DAYS), active_from=today - timedelta(days=SEEN_DAYS))
    trial.begin(today=today, now=now)
    opened = write_renewals(company)
    reset_sequences((Renewal,))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    compute_norms(day=today, now=now)
    writer = _Writer(company)
    counts = writer.write()
    counts["planned for today"] = plan_day(day=today, now=now).planned
    return {"expiring terms": opened} | counts


class _Writer:
    def __init__(self, company: "DemoCompany") -> None:
        self._company = company
        self._rng = random.Random(f"history {company.seed}")
        self._steps = [(step, spec(step)) for step in steps_in_force(company.today)]
        self._outcomes = {
            channel: ([state for state, _ in shares], list(accumulate(share for _, share in shares)))
            for channel, shares in (OUTCOMES | {"sms of b": trial.OUTCOMES_OF_B}).items()
        }
        self._touch = next_id(Touch)
        self._message = next_id(Message)
        self._seen: dict[int, dict[str, datetime]] = {}
        self._days: Counter[date] = Counter()
        self._moments: dict[tuple[date, time, str], datetime] = {}
        with override("ru"):
            self._both = gettext("KASKO and OSAGO")

    def write(self) -> dict[str, int]:
        """Touches, messages, signals, and the marks they left on the terms."""
        gone = [past for known in known_terms(self._company, DAYS) for past in self._past(known)]
        touches = write_rows(Touch, _TOUCH, (past.row for past in gone))
        messages = write_rows(Message, _MESSAGE, self._numbered(gone))
        signals = write_rows(
            Signal, ("message_id", "kind", "at"),
            ((past.message[0], kind, at) for past in gone if past.message for kind, at in past.signals),
        )  # fmt: skip
        self._mark()
        days = [self._company.today - timedelta(days=back) for back in range(DAYS, 0, -1)]
        write_rows(
            PlanDay, ("day", "opened", "planned", "seconds", "runs", "at"),
            ((day, 0, self._days[day], 0.4, 1, datetime.combine(day, time(1))) for day in days),
        )  # fmt: skip
        reset_sequences((Touch, Message, Signal, PlanDay))
        return {"touches": touches, "messages": messages, "signals": signals}

    def _numbered(self, gone: list[_Gone]) -> Iterator[tuple[Any, ...]]:
        yield from (past.message for past in gone if past.message)
        for past in gone:
            if past.reply:
                yield (self._message, *past.reply)
                self._message += 1

    def _past(self, known: Known) -> Iterator[_Gone]:
        today = self._company.today
        facts = known.facts
        marks: dict[str, datetime] = {}
        for step, rule in self._steps:
            due_on = known.end - timedelta(days=step.day)
            if not today - timedelta(days=DAYS) <= due_on < today or not rules.is_audience(rule, facts):
                continue
            at = self._moment(due_on, step.at_time, known.zone)
            then = replace(
                facts, paid=_before(known.paid_at, at), lost=_before(known.lost_at, at),
                has_project=_before(known.project_at, at), has_quote=_before(known.quote_at, at),
                object_sold=known.sold_on is not None and known.sold_on <= due_on,
                in_dispute=known.disputed_since is not None and known.disputed_since <= due_on,
                opened_on=_day(marks.get("opened")), replied_on=_day(marks.get("replied")),
            )  # fmt: skip
            reason = rules.stop_reason(rule, then, today=due_on)
            yield self._gone(known, step, rule.key, due_on, at, reason.value if reason else "", marks)
        if marks:
            self._seen[known.renewal] = marks

    def _gone(
        self, known: Known, step: Step, key: str, due_on: date, at: datetime, reason: str, marks: dict[str, datetime]
    ) -> _Gone:  # fmt: skip
        touch, self._touch = self._touch, self._touch + 1
        self._days[due_on] += 1
        planned = datetime.combine(due_on, time(1))
        state, detail, message, sent = "dropped", "", None, None
        past = _Gone(())
        if not reason and step.channel == "robot":
            reason = rules.Reason.NO_ROBOT.value
        elif not reason and step.channel == "operator":
            called = self._rng.random() < CALLED_SHARE
            state, detail = ("done", self._rng.choice(CALL_OUTCOMES)) if called else ("queued", "")
            sent = at + timedelta(hours=2) if called else None
        elif not reason:
            state, sent = self._send(past, known, step, touch, at, marks)
            message = self._message
            self._message += 1
        if sent:
            marks["touched"] = max(sent, marks.get("touched", sent))
        past.row = (
            touch, known.renewal, key, step.pk, known.end, step.day, step.channel, due_on, at, state, reason, detail,
            message, planned, sent,
        )  # fmt: skip
        return past

    def _send(
        self, past: _Gone, known: Known, step: Step, touch: int, at: datetime, marks: dict[str, datetime]
    ) -> tuple[str, datetime | None]:  # fmt: skip
        rng = self._rng
        of_b = step.arm is not None and step.arm.gets_b
        states, cumulative = self._outcomes["sms of b" if of_b else step.channel]
        outcome = states[bisect_right(cumulative, rng.random() * cumulative[-1])]
        if known.clean and known.renewal % 2:  # somebody must be left for the robot to call
            outcome = "delivered"
        sent = at + timedelta(seconds=rng.randrange(20, 900))
        delivered = (
            sent + timedelta(seconds=rng.randrange(2, 60)) if outcome not in {"sent", "failed"} else None
        )
        seen = sent + timedelta(minutes=rng.randrange(3, 1500)) if outcome in {"opened", "replied"} else None
        seen = min(seen, self._company.moment) if seen else None
        point, address = known.points[step.channel]
        values = known.values | {
            "product": self._both if known.facts.line == TermLine.KASKO_OSAGO else known.product_name
        }
        past.message = (
            self._message, "out", step.channel, known.client, point, address, render(step.subject, values),
            render(step.text, values), STATES[outcome], ORIGIN, touch, f"{rng.getrandbits(120):030x}", at, at, sent,
            delivered, seen if outcome == "opened" or step.channel == "email" else None,
            seen if outcome == "replied" else None, None,
            "Абонент недоступен" if outcome == "failed" else "", "address" if outcome == "failed" else "",
        )  # fmt: skip
        if seen:
            past.signals = (("reply" if outcome == "replied" else "open", seen),)
            marks["opened"] = seen
        if outcome == "replied" and seen:
            marks["replied"] = seen
            past.reply = (
                "in", step.channel, known.client, point, address, "", rng.choice(REPLIES), "received", "", None, "", seen,
                seen, None, None, None, None, self._message, "", "",
            )  # fmt: skip
        touch_state = {"opened": "opened", "replied": "replied"}.get(outcome, outcome)
        return touch_state, sent

    def _moment(self, day: date, at: time, zone: str) -> datetime:
        key = (day, at, zone)
        if key not in self._moments:
            self._moments[key] = local_moment(day, at, zone).replace(tzinfo=None)
        return self._moments[key]

    def _mark(self) -> None:
        adapt = connection.ops.adapt_datetimefield_value

        def moment(marks: dict[str, datetime], name: str) -> Any:
            return adapt(marks[name].replace(tzinfo=UTC)) if name in marks else None

        rows = [
            (moment(marks, "opened"), moment(marks, "replied"), moment(marks, "touched"), renewal)
            for renewal, marks in self._seen.items()
        ]
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE renewals_renewal SET last_opened_at = %s, last_replied_at = %s, last_touch_at = %s WHERE id = %s",
                rows,
            )


_TOUCH = ("id", "renewal_id", "step_key", "step_id", "term_end", "day", "channel", "due_on", "due_at", "state", "reason",
          "reason_detail", "message_id", "created_at", "sent_at")  # fmt: skip
_MESSAGE = ("id", "direction", "channel", "client_id", "contact_point_id", "address", "subject", "text", "state",
            "origin", "origin_id", "token", "not_before", "created_at", "sent_at", "delivered_at", "opened_at",
            "replied_at", "in_reply_to_id", "detail", "fault")  # fmt: skip


def _before(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment <= at


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None

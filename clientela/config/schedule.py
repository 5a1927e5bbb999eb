"""What happens by itself and when: the one table of the scheduler.

Every worker looks at it; a slot is taken by the first through the unique key of its job, so any number of workers
run each slot once, and a slot missed while nobody ran is made up for as long as it is the newest.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from clientela.foundation.jobs.operations import enqueue


@dataclass(frozen=True)
class Entry:
    """One regular job: every ``every`` minutes, or daily at ``at`` (company time)."""

    kind: str
    title: str
    every: int | None = None
    at: time | None = None
    args: Callable[[datetime], dict[str, Any]] = field(default=lambda _slot: {})

    def slot(self, now: datetime) -> datetime:
        """The newest slot that has begun at ``now`` (aware, company time)."""
        local = timezone.localtime(now)
        if self.every:
            minutes = local.hour * 60 + local.minute
            start = local.replace(hour=0, minute=0, second=0, microsecond=0)
            return start + timedelta(minutes=minutes - minutes % self.every)
        assert self.at is not None
        today = local.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)
        return today if today <= local else today - timedelta(days=1)


TABLE = [
    Entry("renewals.plan", gettext_noop("Plan today's touches"), every=60, args=lambda slot: {"ahead": 0}),
    Entry(
        "renewals.plan", gettext_noop("Plan tomorrow's touches"), at=time(20), args=lambda slot: {"ahead": 1}
    ),
    Entry("renewals.norms", gettext_noop("Compute the agents' norms"), at=time(3)),
    Entry("renewals.refresh", gettext_noop("Read the facts of expiring terms again"), at=time(2)),
    Entry("clients.refresh", gettext_noop("Refresh clients' categories and completeness"), at=time(1)),
    Entry("privacy.keep", gettext_noop("Let go what is kept long enough"), at=time(2, 30)),
    Entry("clients.learn_surnames", gettext_noop("Learn the surnames of new cards for the search"), every=15),
    Entry("documents.expire", gettext_noop("Close deliveries that nobody fetched in time"), at=time(1)),
    Entry("quotes.expire", gettext_noop("Close offers that ran out"), at=time(0)),
    Entry("resolution.find", gettext_noop("Look for clients with several cards"), at=time(1, 30)),
    Entry("sales.advise", gettext_noop("Work out what clients are advised to buy besides"), at=time(2)),
    Entry("group.expire", gettext_noop("Remove data of sister companies that ran out"), at=time(0, 30)),
    Entry("quality.ask", gettext_noop("Ask clients what they think"), every=10),
    Entry("bonus_malus.ask", gettext_noop("Ask the classes of drivers that nobody answered yet"), every=5),
    Entry("billing.look_after", gettext_noop("Ask banks about payments that they have not told of"), every=1),
    Entry("shop.look_after", gettext_noop("Have people called who left the shop half-way"), every=5),
    Entry(
        "own.look_after", gettext_noop("Forget visits to the clients' pages that are long over"), at=time(4)
    ),
    Entry("commission.accrue", gettext_noop("Count the agents' commission"), at=time(3, 30)),
    Entry("rent.build", gettext_noop("Find the terms that clients renewed alone"), at=time(4, 30)),
    Entry("rent.follow", gettext_noop("Count rents again by the money that came and went"), at=time(4, 45)),
    Entry("audit.seal", gettext_noop("Seal the journal"), every=5),
    Entry("calls.compare", gettext_noop("Compare calls with the records of the exchange"), every=60),
    Entry("calls.forget", gettext_noop("Delete recordings of calls whose day has come"), at=time(4)),
    Entry(
        "bonus_malus.recalculate",
        gettext_noop("Recalculate the classes of drivers on the first of April"),
        at=time(0, 30),
    ),
    Entry("platform.tidy", gettext_noop("Tidy what is no longer needed"), at=time(4)),
    Entry("book.close", gettext_noop("Mark tests whose time is over"), every=5),
    Entry("book.remind", gettext_noop("Remind people of tests to pass"), at=time(9)),
]


def tick(*, now: datetime) -> int:
    """Queue every slot that has begun and is not queued yet; returns how many were."""
    queued = 0
    for number, entry in enumerate(TABLE):
        slot = entry.slot(now)
        key = f"{entry.kind}:{number}@{slot:%Y-%m-%dT%H:%M}"
        job = enqueue(
            kind=entry.kind,
            title=entry.title,
            now=now,
            args=entry.args(slot) | {"day": slot.date().isoformat()},
            schedule_key=key,
        )
        queued += job is not None
    return queued

"""The journal for people: filters, rows, the state of the chain, and the job that walks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record, verify
from clientela.foundation.fields import prefix_range
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.foundation.names import name_key
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission
from clientela.modules.clients.models import Client
from clientela.workspace.admin.action_words import object_word, words
from clientela.workspace.admin.field_words import field_word

PAGE = 100
MOST_EXPORTED = 100_000
VERIFY = "audit.verify"
HIDDEN = "•••"
SECRET = ("password", "secret", "number", "inn", "snils", "passport")


@dataclass(frozen=True)
class Filter:
    """What the journal shows; nothing set means everything."""

    who: int | None = None
    action: str = ""
    object_type: str = ""
    object_id: int | None = None
    since: date | None = None
    until: date | None = None
    q: str = ""

    def rows(self) -> "QuerySet[Entry]":
        """Entries, the newest first."""
        rows = Entry.objects.all()
        if self.who:
            rows = rows.filter(actor_id=self.who)
        if self.action:
            rows = rows.filter(action=self.action)
        if self.object_type:
            rows = rows.filter(object_type=self.object_type)
        if self.object_id:
            rows = rows.filter(object_id=self.object_id)
        if self.since:
            rows = rows.filter(at__gte=_midnight(self.since))
        if self.until:
            rows = rows.filter(at__lt=_midnight(self.until + timedelta(days=1)))
        if self.q.strip():
            rows = rows.filter(_about(self.q))
        return rows.order_by("-id")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def _about(text: str) -> Q:
    """Entries by people, or about clients, whose surname begins like this: both through their indexes."""
    word = text.strip().split()[0].capitalize()
    people = User.objects.filter(Q(last_name__startswith=word) | Q(email__startswith=text.strip().lower()))
    clients = Client.objects.filter(**prefix_range("name_key", name_key(text))).order_by("name_key", "id")
    found = Q(actor_id__in=list(people.values_list("id", flat=True)[:50]))
    return found | Q(
        object_type="clients.client", object_id__in=list(clients.values_list("id", flat=True)[:50])
    )


@dataclass(frozen=True)
class Row:
    """One entry in words."""

    entry: Entry
    label: Any
    icon: str
    css: str
    kind: Any
    detail: str

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Field, before, after; documents and the like are hidden."""
        return [
            (name, *(HIDDEN if value and _is_secret(name) else _shown(value) for value in pair))
            for name, pair in self.entry.changes.items()
            if isinstance(pair, list) and len(pair) == 2
        ]

    @property
    def told(self) -> list[tuple[Any, Any, Any]]:
        """The same with the field in words, for the screen."""
        return [(field_word(name), before, after) for name, before, after in self.changes]


def _is_secret(name: str) -> bool:
    return any(part in name for part in SECRET)


def _shown(value: Any) -> Any:
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def in_words(entry: Entry) -> Row:
    """The entry as the screen and the file show it."""
    label, icon, css = words(entry.action)
    detail = entry.reason or ", ".join(str(field_word(name)) for name in entry.changes)
    return Row(entry, label, icon, css, object_word(entry.object_type), detail)


@dataclass(frozen=True)
class Page:
    """Rows of a page and the cursor of older ones."""

    rows: list[Row]
    older: int | None


def page(chosen: Filter, *, before: int | None = None) -> Page:
    """The newest entries, or those older than entry ``before``."""
    rows = chosen.rows()
    if before:
        rows = rows.filter(id__lt=before)
    entries = list(rows.select_related("actor")[: PAGE + 1])
    older = entries[PAGE - 1].pk if len(entries) > PAGE else None
    return Page([in_words(entry) for entry in entries[:PAGE]], older)


def hours(day: date) -> list[dict[str, Any]]:
    """Entries of a day by hour, for the strip above the list; kept for a minute."""
    zone = timezone.get_current_timezone()
    key = f"journal-hours:{day}:{zone}"
    found: dict[int, int] | None = cache.get(key)
    if found is None:
        rows = Filter(since=day, until=day).rows().order_by()
        counted = rows.annotate(hour=ExtractHour("at", tzinfo=zone)).values_list("hour").annotate(Count("id"))
        found = dict(counted)
        cache.set(key, found, 60)
    most = max(found.values(), default=1)
    return [
        {"hour": hour, "count": found.get(hour, 0), "height": round(36 * found.get(hour, 0) / most, 1)}
        for hour in range(24)
    ]


@dataclass(frozen=True)
class Chain:
    """What is known of the chain: the last finished walk, and whether one is under way."""

    job: Job | None
    running: bool

    @property
    def broken_at(self) -> str:
        return str(self.job.result.get("broken_at", "")) if self.job else ""


def chain() -> Chain:
    """State of the chain from the last walk."""
    walks = Job.objects.filter(kind=VERIFY)
    last = walks.filter(state=Job.State.DONE).order_by("-id").first()
    return Chain(last, walks.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists())


def request_verification(*, actor: Any, now: datetime) -> Job | None:
    """Queue a walk of the whole chain; None when one is under way."""
    ensure(actor, Permission.AUDIT_READ)
    if chain().running:
        return None
    return enqueue(kind=VERIFY, title=_("Check of the journal's chain"), now=now, actor=actor)


def run_verify(run: Run) -> dict[str, Any]:
    """The job: walk the chain and keep the verdict."""
    verdict = verify(tell=lambda done: run.progress(done=done, force=False))
    return {"entries": verdict.entries, "seals": verdict.seals, "broken_at": verdict.broken_at}


def export(chosen: Filter, *, actor: Any, now: datetime) -> Iterator[list[Any]]:
    """Rows of a file; who took it is itself an entry. At most ``MOST_EXPORTED``."""
    ensure(actor, Permission.AUDIT_READ)
    record(actor=actor, now=now, action="audit.exported", object_type="audit.entry")
    entries = chosen.rows()[:MOST_EXPORTED]
    return (_line(entry) for entry in entries.iterator(chunk_size=2000))


def _line(entry: Entry) -> list[Any]:
    row = in_words(entry)
    changes = "; ".join(f"{name}: {before} → {after}" for name, before, after in row.changes)
    who = f"{entry.actor_name} ({entry.on_behalf_of})" if entry.on_behalf_of else entry.actor_name
    return [
        entry.pk, entry.at.astimezone(UTC).isoformat(), who, str(row.label), str(row.kind), entry.object_id,
        entry.object_name, changes, entry.reason, entry.address or "", entry.digest,
    ]  # fmt: skip

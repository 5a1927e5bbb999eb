"""The life of a version: a draft, its cells, a proposal, a second person's word."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.rating.models import Table, TableVersion
from clientela.modules.rating.operations.journal import decided, keep, tell
from clientela.modules.rating.operations.regression import has_passed
from clientela.modules.rating.operations.starting import BadStart, day_set, ensure_day
from clientela.modules.rating.rules.checks import problems

MOST_ROWS = 5_000
MOST_LETTERS = 255
State = TableVersion.State


class NotADraft(Refusal):
    message = _("Only a draft can be changed. Make a new version.")


class ChangedMeanwhile(Refusal):
    message = _("Somebody changed this version meanwhile. Look at it again.")


class HasProblems(Refusal):
    def __init__(self, found: Sequence[Any]) -> None:
        self.problems = found
        self.message = found[0].text
        super().__init__(str(self.message))


class NotChecked(Refusal):
    message = _(
        "Check the version on past calculations first: after the last change, with every one of them priced."
    )


class OwnVersion(Refusal):
    message = _("The author cannot approve their own version.")


class NoSuchCell(Refusal):
    message = _("There is no such row or column.")


@transaction.atomic
def make_draft(*, actor: Any, now: datetime, table: Table) -> TableVersion:
    """A draft copied from the newest approved version; the one that is open already is given back."""
    ensure(actor, Permission.PRODUCTS_WRITE)
    locked = Table.objects.select_for_update().get(pk=table.pk)
    opened = locked.versions.filter(state__in=[State.DRAFT, State.PROPOSED]).first()
    if opened is not None:
        return opened
    base = locked.versions.filter(state=State.APPROVED).order_by("-starts_on", "-number").first()
    if base is None:
        raise NoSuchCell
    draft = TableVersion.objects.create(
        table=locked, number=(locked.versions.aggregate(most=Max("number"))["most"] or 0) + 1, starts_on=base.starts_on,
        columns=base.columns, rows=base.rows, source=base.source, author=actor, created_at=now, changed_at=now,
    )  # fmt: skip
    tell(actor, now, "tariff.draft", draft, {"from": [None, base.number]})
    return draft


@transaction.atomic
def change_cell(
    *, actor: Any, now: datetime, version: TableVersion, row: int, column: str, text: str
) -> TableVersion:
    """Write ``text`` into a cell of a draft. Raises `BadCell`, `NoSuchCell`, `NotADraft`."""
    draft = _draft(actor, version)
    place = draft.body.places.get(column)
    if place is None or not 0 <= row < len(draft.rows) or len(text) > MOST_LETTERS:
        raise NoSuchCell
    draft.body.columns[place].check(text)
    draft.author = actor  # whoever changed the content last: no second person is left for their own change
    before, draft.rows[row][place] = draft.rows[row][place], text.strip()
    return keep(actor, now, "tariff.cell", draft, {f"{column} {row + 1}": [before, text.strip()]})


@transaction.atomic
def replace_rows(
    *,
    actor: Any,
    now: datetime,
    version: TableVersion,
    rows: Sequence[Sequence[str]],
    seen: datetime | None = None,
) -> TableVersion:
    """Put all rows into a draft at once, as an upload does. ``seen``: when it was changed, as shown to the person.

    Raises `HasProblems` for cells that cannot be read, `ChangedMeanwhile`, `NotADraft`.
    """
    draft = _draft(actor, version)
    if seen is not None and draft.changed_at != seen:
        raise ChangedMeanwhile
    if len(rows) > MOST_ROWS or any(len(cell) > MOST_LETTERS for row in rows for cell in row):
        raise NoSuchCell
    draft.author = actor
    before, draft.rows = len(draft.rows), [[cell.strip() for cell in row] for row in rows]
    if bad := [one for one in problems(draft.body) if one.kind in {"cell", "empty"}]:
        raise HasProblems(bad)
    return keep(actor, now, "tariff.rows", draft, {"rows": [before, len(draft.rows)]})


@transaction.atomic
def propose(
    *, actor: Any, now: datetime, version: TableVersion, starts_on: date, reason: str
) -> TableVersion:
    """Hand a draft over for approval. Raises `HasProblems`, `NotChecked`, `BadStart`, `BeforeOlder`, `NotADraft`."""
    draft = _draft(actor, version)
    if bad := [one for one in problems(draft.body) if not one.is_warning]:
        raise HasProblems(bad)
    ensure_day(draft, starts_on, now)
    if not has_passed(draft):
        raise NotChecked
    draft.state, draft.starts_on, draft.reason, draft.proposed_at = (
        State.PROPOSED,
        starts_on,
        reason.strip(),
        now,
    )
    return keep(actor, now, "tariff.proposed", draft, {"starts_on": [None, str(starts_on)]}, reason=reason)


@transaction.atomic
def approve(
    *, actor: Any, now: datetime, version: TableVersion, comment: str = "", starts_on: date | None = None
) -> TableVersion:
    """Put a proposed version in force from its day, or from ``starts_on`` with a word why; the author is told.

    Raises `OwnVersion`, `NotChecked`, `BadStart`, `BeforeOlder`, `NoWhy`, `NotADraft`.
    """
    ensure(actor, Permission.TARIFFS_APPROVE)
    proposed = TableVersion.objects.select_for_update().select_related("table").get(pk=version.pk)
    if proposed.state != State.PROPOSED:
        raise NotADraft
    if proposed.author_id in (None, actor.pk):
        raise OwnVersion
    if not has_passed(proposed):
        raise NotChecked
    changes = day_set(proposed, starts_on, comment, now)
    proposed.state, proposed.approver, proposed.approved_at = State.APPROVED, actor, now
    decided(actor, now, proposed)
    return keep(actor, now, "tariff.approved", proposed, changes, comment.strip())


@transaction.atomic
def send_back(*, actor: Any, now: datetime, version: TableVersion, reason: str) -> TableVersion:
    """Give a proposed version back to its author as a draft. Raises `NotADraft`."""
    ensure(actor, Permission.TARIFFS_APPROVE)
    proposed = TableVersion.objects.select_for_update().select_related("table").get(pk=version.pk)
    if proposed.state != State.PROPOSED:
        raise NotADraft
    proposed.state, proposed.proposed_at = State.DRAFT, None
    decided(actor, now, proposed)
    return keep(actor, now, "tariff.sent_back", proposed, {}, reason=reason)


@transaction.atomic
def withdraw(*, actor: Any, now: datetime, version: TableVersion) -> TableVersion:
    """Take an approved version out before its day; the one before it stays in force. Raises `BadStart`, `NotADraft`."""
    ensure(actor, Permission.TARIFFS_APPROVE)
    approved = TableVersion.objects.select_for_update().select_related("table").get(pk=version.pk)
    if approved.state != State.APPROVED:
        raise NotADraft
    if approved.starts_on <= local_today(settings.TIME_ZONE, now):
        raise BadStart
    approved.state = State.RETIRED
    return keep(actor, now, "tariff.withdrawn", approved, {})


def _draft(actor: Any, version: TableVersion) -> TableVersion:
    ensure(actor, Permission.PRODUCTS_WRITE)
    locked = TableVersion.objects.select_for_update().select_related("table").get(pk=version.pk)
    if locked.state != State.DRAFT:
        raise NotADraft
    return locked

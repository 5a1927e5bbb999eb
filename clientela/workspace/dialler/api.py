"""Calling lists for other programs: lists and who is on them, taking, calling, outcomes."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import Problem, map_problem
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.operations import dialling, ending, lists, requests, states, taking
from clientela.modules.dialler.queries.lists import figures
from clientela.modules.dialler.queries.words import why
from clientela.modules.dialler.rules.attempts import BadRules
from clientela.modules.dialler.rules.outcomes import Outcome
from clientela.modules.dialler.rules.questions import BadAnswer, BadQuestion
from clientela.modules.organisation.models import Team
from clientela.modules.organisation.queries import branches_visible_to, centres_visible_to
from clientela.workspace.dialler import facts, schemas

router = Router(tags=["calling lists"])
for _refused in (BadRules, BadQuestion, BadAnswer, ending.BadMoment, taking.NoReason, lists.NameMissing,
                 lists.CannotTakeList):  # fmt: skip
    map_problem(_refused, 422)
for _conflict in (states.NotYours, taking.InHand, dialling.NotFree, dialling.NotToBeCalled, ending.NothingToUndo,
                  requests.NoList):  # fmt: skip
    map_problem(_conflict, 409)


def _lists(request: HttpRequest) -> Any:
    return CallingList.objects.visible_to(caller(request))


def _entry(request: HttpRequest, entry_id: int) -> Entry:
    rows = Entry.objects.visible_to(caller(request)).select_related("calling", "client")
    return get_object_or_404(rows, pk=entry_id)


def _full(entry: Entry | None) -> Any:
    if entry is not None:
        entry.why = why(entry, now=timezone.now())  # type: ignore[attr-defined]
    return entry


def _counted(request: HttpRequest, rows: list[CallingList]) -> list[CallingList]:
    now = timezone.now()
    found = figures(caller(request), rows, now=now, since=facts.day_begin(now))
    for row in rows:
        for name in ("waiting", "due", "called", "reached", "agreed", "over"):
            setattr(row, name, getattr(found[row.pk], name))
    return rows


def _values(request: HttpRequest, body: schemas.CallingListIn) -> dict[str, Any]:
    user, values = caller(request), body.dict(exclude={"branch_id", "team_id", "centre_id"})
    for name in ("opens", "closes"):  # the clock of each client: no zone of its own
        values[name] = values[name].replace(tzinfo=None) if values[name] else None
    places = {
        "branch": branches_visible_to(user), "centre": centres_visible_to(user),
        "team": Team.objects.filter(branch__in=branches_visible_to(user)),
    }  # fmt: skip
    for name, rows in places.items():
        wanted = getattr(body, f"{name}_id")
        values[name] = get_object_or_404(rows, pk=wanted) if wanted else None
    return values


@router.get("/dialler/lists", response=list[schemas.CallingListOut])
@requires(Permission.CONTACTS_WRITE)
def get_calling_lists(request: HttpRequest) -> Any:
    """The lists this person works with."""
    return _counted(request, list(_lists(request)))


@router.post("/dialler/lists", response={201: schemas.CallingListOut})
@requires(Permission.ROUTING_WRITE)
def make_calling_list(request: HttpRequest, body: schemas.CallingListIn) -> Any:
    made = lists.save_list(actor=caller(request), now=timezone.now(), values=_values(request, body))
    return Status(201, made)


@router.put("/dialler/lists/{list_id}", response=schemas.CallingListOut)
@requires(Permission.ROUTING_WRITE)
def put_calling_list(request: HttpRequest, list_id: Id, body: schemas.CallingListIn) -> Any:
    calling = get_object_or_404(_lists(request), pk=list_id)
    values = _values(request, body)
    return lists.save_list(actor=caller(request), now=timezone.now(), values=values, calling=calling)


@router.get("/dialler/lists/{list_id}/entries", response=Page[schemas.CallingEntryOut])
@requires(Permission.CONTACTS_WRITE)
def get_calling_entries(
    request: HttpRequest, list_id: Id, state: str = "", cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """Who is on a list within the person's scope, the newest first."""
    calling = get_object_or_404(_lists(request), pk=list_id)
    rows = Entry.objects.visible_to(caller(request)).filter(calling=calling)
    if state:
        if state not in Entry.State.values:
            raise Problem(422, "bad_state", "state")
        rows = rows.filter(state=state)
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.post("/dialler/lists/{list_id}/clients", response=schemas.CallingAddedOut)
@requires(Permission.CONTACTS_WRITE)
def add_clients_to_calling_list(request: HttpRequest, list_id: Id, body: schemas.CallingClientsIn) -> Any:
    """Put clients on a list; those out of sight are left alone."""
    calling = get_object_or_404(_lists(request), pk=list_id)
    return lists.add_clients(
        actor=caller(request), now=timezone.now(), calling=calling, client_ids=body.client_ids, reason=body.reason
    )  # fmt: skip


@router.post("/dialler/lists/{list_id}/next", response=schemas.CallingTakenOut)
@requires(Permission.CONTACTS_WRITE)
def take_next_of_calling_list(request: HttpRequest, list_id: Id) -> Any:
    """The next client, in the person's hands for three minutes; ask again to keep them."""
    calling = get_object_or_404(_lists(request), pk=list_id)
    user, now = caller(request), timezone.now()
    entry = taking.take_next(actor=user, now=now, calling=calling)
    if entry is not None:
        taking.keep(actor=user, now=now, entry_id=entry.pk)
    return {"entry": _full(entry)}


@router.post("/dialler/lists/{list_id}/assignment", response=schemas.CallingAssignedOut)
@requires(Permission.ROUTING_WRITE)
def assign_calling_entries(request: HttpRequest, list_id: Id, body: schemas.CallingAssignIn) -> Any:
    """Keep waiting clients for one person."""
    calling = get_object_or_404(_lists(request), pk=list_id)
    person = get_object_or_404(User, pk=body.person_id) if body.person_id else None
    moved = lists.assign(
        actor=caller(request), now=timezone.now(), calling=calling, entry_ids=body.entry_ids, person=person
    )  # fmt: skip
    return {"moved": moved}


@router.get("/dialler/entries/{entry_id}", response=schemas.CallingEntryFullOut)
@requires(Permission.CONTACTS_WRITE)
def get_calling_entry(request: HttpRequest, entry_id: Id) -> Any:
    return _full(_entry(request, entry_id))


@router.post("/dialler/entries/{entry_id}/call", response=schemas.CallingCallOut)
@requires(Permission.CONTACTS_WRITE)
def call_calling_entry(request: HttpRequest, entry_id: Id) -> Any:
    """Call the client in hand: the own desk rings first. Asked twice it is one call."""
    entry = _entry(request, entry_id)
    return {"call_id": dialling.dial(actor=caller(request), now=timezone.now(), entry=entry).pk}


@router.post("/dialler/entries/{entry_id}/outcome", response=schemas.CallingAttemptOut)
@requires(Permission.CONTACTS_WRITE)
def close_calling_entry(request: HttpRequest, entry_id: Id, body: schemas.CallingOutcomeIn) -> Any:
    """Say how the attempt came out."""
    entry = _entry(request, entry_id)
    if body.outcome not in Outcome.values:
        raise Problem(422, "bad_outcome", "outcome")
    return ending.finish(actor=caller(request), now=timezone.now(), entry=entry, **body.dict())


@router.post("/dialler/entries/{entry_id}/skip", response=schemas.CallingEntryOut)
@requires(Permission.CONTACTS_WRITE)
def skip_calling_entry(request: HttpRequest, entry_id: Id, body: schemas.CallingSkipIn) -> Any:
    """Put the client in hand back for a day."""
    entry = _entry(request, entry_id)
    taking.skip(actor=caller(request), now=timezone.now(), entry=entry, reason=body.reason)
    return _entry(request, entry_id)


@router.post("/dialler/entries/{entry_id}/removal", response=schemas.CallingEntryOut)
@requires(Permission.ROUTING_WRITE)
def take_calling_entry_off(request: HttpRequest, entry_id: Id) -> Any:
    """Nobody calls for this entry any more."""
    lists.take_off(actor=caller(request), now=timezone.now(), entry=_entry(request, entry_id))
    return _entry(request, entry_id)


@router.delete("/dialler/attempts/{attempt_id}/outcome", response=schemas.CallingEntryOut)
@requires(Permission.CONTACTS_WRITE)
def undo_calling_outcome(request: HttpRequest, attempt_id: Id) -> Any:
    """Take the own last outcome back within ten minutes."""
    rows = Attempt.objects.filter(entry__in=Entry.objects.visible_to(caller(request)).values("pk"))
    attempt = get_object_or_404(rows, pk=attempt_id)
    return ending.undo(actor=caller(request), now=timezone.now(), attempt=attempt)

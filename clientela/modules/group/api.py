"""Data from sister companies: their programs bring it, people see where it is from, clients' words rule it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.problems import map_problem
from clientela.foundation.dates import local_today
from clientela.foundation.identifiers import InvalidIdentifier, normalize_inn, normalize_passport
from clientela.foundation.names import full_name_key
from clientela.foundation.phones import normalize as normalize_phone
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import record_read
from clientela.modules.group import schemas
from clientela.modules.group.models import FactKind, Waiting
from clientela.modules.group.operations import consents, deciding, setting, taking
from clientela.modules.group.queries.facts import figures, kinds_by_code, known_of, waiting_for
from clientela.modules.group.rules import Told

READ, WRITE = requires(Permission.GROUP_READ), requires(Permission.GROUP_WRITE)
FEED, AGREE = requires(Permission.GROUP_FEED), requires(Permission.CONTACTS_WRITE)
router = Router(tags=["group data"])
for conflict in (
    taking.CompanyAsleep, consents.NoDocument, consents.NotToBeContacted, deciding.DecidedAlready, deciding.NotAgreed,
    setting.TypeInUse,
):  # fmt: skip
    map_problem(conflict, 409)
map_problem(setting.KeptTooShort, 422)
MOST_WAITING = 200


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _client(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


@router.post("/group-facts", response=schemas.FeedOut)
@FEED
def bring_group_facts(request: HttpRequest, body: schemas.FeedIn) -> Any:
    """What the company of this account tells. A value is kept only under a consent of the day; nothing makes a card."""
    told, faults = [], []
    for place, one in enumerate(body.people):
        person, wrong = _told(place, one)
        if wrong:
            faults.append({"reference": one.reference, "fields": wrong})
        else:
            told.append(person)
    done = taking.bring(**_who(request), told=told)
    faults += [{"reference": body.people[ref].reference, "fields": codes} for ref, codes in done.bad.items()]
    return {"received": len(told), "faults": faults}


def _told(place: int, one: schemas.ToldIn) -> tuple[Told, list[str]]:
    wrong, keys = [], {"passport": "", "inn": "", "phone": ""}
    for name, normal in (
        ("passport", normalize_passport),
        ("inn", normalize_inn),
        ("phone", normalize_phone),
    ):
        if given := getattr(one, name):
            try:
                keys[name] = normal(given) or ""
            except InvalidIdentifier:
                keys[name] = ""
            if not keys[name]:
                wrong.append(name)
    if one.as_of > local_today(settings.TIME_ZONE, timezone.now()):
        wrong.append("as_of")
    if not wrong and not any(keys.values()):
        wrong.append("passport")
    name = " ".join(filter(None, (one.last_name, one.first_name, one.middle_name)))
    key = full_name_key(one.last_name, one.first_name, one.middle_name)
    told = Told(
        place, one.as_of, dict(one.values), name_key=key, birth_date=one.birth_date, name=name, **keys,
    )  # fmt: skip
    return told, wrong


@router.get("/group-fact-kinds", response=list[schemas.KindOut])
@FEED
def list_group_fact_kinds(request: HttpRequest) -> Any:
    """What may be told now."""
    return list(kinds_by_code().values())


@router.post("/group-fact-kinds", response={201: schemas.KindOut})
@WRITE
def add_group_fact_kind(request: HttpRequest, body: schemas.KindIn) -> Any:
    """A new kind of fact."""
    values = body.dict()
    kind = FactKind.objects.filter(code=body.code).first() or FactKind(code=body.code)
    return Status(201, setting.save_kind(**_who(request), kind=kind, values=values))


@router.get("/sister-companies", response=list[schemas.CompanyOut])
@WRITE
def list_sister_companies(request: HttpRequest) -> Any:
    """Sister companies with what was taken and what was not."""
    since = local_today(settings.TIME_ZONE, timezone.now()) - timedelta(days=30)
    names = ("code", "name", "kind", "contact", "contract", "trust", "is_active")
    return [
        {name: getattr(one.company, name) for name in names}
        | {"facts": one.facts, "clients": one.clients, "waiting": one.waiting, "refused": one.refused}
        for one in figures(since=since)
    ]


@router.get("/clients/{client_id}/group-facts", response=list[schemas.FactOut])
@READ
def list_group_facts(request: HttpRequest, client_id: int) -> Any:
    """What sister companies told of a client, each with its company, day and consent. Reading it is journalled."""
    client, now = _client(request, client_id), timezone.now()
    rows = known_of(client, now=now)
    if rows:
        record_read(
            actor=request.user, now=now, client=client, address=request.META.get("REMOTE_ADDR"), part="group"
        )
    return [schemas.FactOut.of(one) for one in rows]


@router.post("/clients/{client_id}/group-consents", response={201: schemas.AgreedOut})
@AGREE
def give_group_consent(request: HttpRequest, client_id: int, body: schemas.AgreedIn) -> Any:
    """The client agreed to the newest text."""
    kept = consents.give_consent(**_who(request), client=_client(request, client_id), source=body.source)
    return Status(201, {"version": kept.text_version, "given_at": kept.granted_at})


@router.post("/clients/{client_id}/group-consent-withdrawals", response={201: schemas.EndedOut})
@AGREE
def take_group_consent_back(request: HttpRequest, client_id: int, body: schemas.TakenBackIn) -> Any:
    """The client took it back: every fact and all made of it is gone when this answers."""
    ended = consents.take_back(**_who(request), client=_client(request, client_id), via=body.via)
    return Status(201, {"ended": ended})


@router.get("/group-waiting", response=list[schemas.GroupReportOut])
@WRITE
def list_group_waiting(request: HttpRequest) -> Any:
    """Reports that may be about one of several cards."""
    now = timezone.now()
    seen = Client.objects.visible_to(request.user)
    rows = list(waiting_for(request.user, now=now).prefetch_related("candidates")[:MOST_WAITING])
    named = {one.client_id for row in rows for one in row.candidates.all()}
    shown = set(seen.filter(pk__in=named).values_list("pk", flat=True))
    return [
        {
            "id": row.pk, "company": row.company.name, "why": row.why, "received_at": row.received_at,
            "gone_on": row.gone_on,
            "candidates": [one.client_id for one in row.candidates.all() if one.client_id in shown],
        }
        for row in rows
    ]  # fmt: skip


@router.post("/group-waiting/{waiting_id}/decision", response=schemas.GroupDecisionOut)
@WRITE
def decide_group_waiting(request: HttpRequest, waiting_id: int, body: schemas.DecisionIn) -> Any:
    """Whose the report is, or nobody's."""
    rows = Waiting.objects.filter(pk__in=waiting_for(request.user, now=timezone.now()).values("pk"))
    row = get_object_or_404(rows, pk=waiting_id)
    if body.client_id is None:
        deciding.dismiss(**_who(request), waiting=row)
        return {"facts": 0}
    return {"facts": deciding.attach(**_who(request), waiting=row, client=_client(request, body.client_id))}

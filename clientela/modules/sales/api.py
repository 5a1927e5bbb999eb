"""Deals, funnels, scripts and advice for other programs."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.many import ManyOut, told
from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.sales import schemas
from clientela.modules.sales.models import Advice, Deal, Funnel, LostReason, Script, Stage
from clientela.modules.sales.operations import advice as advising
from clientela.modules.sales.operations import deals, funnels, scripts
from clientela.modules.sales.operations.bulk import act_on_many, deals_among
from clientela.modules.sales.queries.advice import with_sources
from clientela.modules.sales.queries.deals import funnels as funnels_in_use
from clientela.modules.sales.queries.figures import forecast, lost_reasons, stage_figures
from clientela.modules.sales.rules.fields import BadField, FieldsMissing
from clientela.modules.sales.rules.scripts import BadScript

READ, WRITE = requires(Permission.SALES_READ), requires(Permission.SALES_WRITE)
MANAGE = requires(Permission.FUNNELS_WRITE)
router = Router(tags=["sales"])
for refused in (
    BadField, FieldsMissing, BadScript, deals.NotAStage, deals.NoSuchSeller, funnels.BadFunnel, funnels.StageInUse,
):  # fmt: skip
    map_problem(refused, 422)
for conflict in (
    deals.MovedMeanwhile, deals.DealClosed, deals.DealStays, deals.NothingToUndo, advising.AdviceClosed,
    funnels.FunnelChangedMeanwhile, scripts.NoSuchAnswer,
):  # fmt: skip
    map_problem(conflict, 409)
RELATED = ("client", "stage", "funnel", "owner", "product", "renews", "lost_reason")


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _deal(request: HttpRequest, deal_id: int) -> Deal:
    return get_object_or_404(Deal.objects.visible_to(request.user).select_related(*RELATED), pk=deal_id)


def _shown(request: HttpRequest, deal: Deal) -> Any:
    return schemas.deal_out(_deal(request, deal.pk), timezone.now())


@router.get("/deals", response=Page[schemas.DealOut])
@READ
def list_deals(
    request: HttpRequest, funnel: str = "", state: schemas.DealState | None = None, client_id: Id | None = None,
    cursor: Cursor = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """Deals in sight in the order in which they began."""
    rows = Deal.objects.visible_to(request.user)
    for name, value in {"funnel__code": funnel, "state": state, "client_id": client_id}.items():
        if value:
            rows = rows.filter(**{name: value})
    now = timezone.now()
    page = page_of(rows.select_related(*RELATED), order=("id",), cursor=cursor, limit=limit)
    page["items"] = [schemas.deal_out(one, now) for one in page["items"]]
    return page


@router.post("/deals", response={201: schemas.DealOut})
@WRITE
def start_deal(request: HttpRequest, body: schemas.DealIn) -> Any:
    """Begin a deal: from a request, a campaign's response, a call, a renewal, or because the client asked.

    The same ``origin`` and ``origin_number`` give the deal that is open already.
    """
    user: Any = request.user
    client = get_object_or_404(
        Client.objects.visible_to(user).select_related("agent__user"), pk=body.client_id
    )
    renews = get_object_or_404(Policy.objects.visible_to(user), pk=body.policy_id) if body.policy_id else None
    product = get_object_or_404(Product, code=body.product) if body.product else None
    funnel = get_object_or_404(funnels_in_use(), code=body.funnel) if body.funnel else None
    start = deals.Start(origin=body.origin, origin_id=body.origin_number, source=body.source, renews=renews)
    deal = deals.start_deal(
        **_who(request), client=client, start=start, funnel=funnel, product=product, subject=body.subject, amount=body.amount
    )  # fmt: skip
    return Status(201, _shown(request, deal))


@router.get("/deals/{deal_id}", response=schemas.DealOut)
@READ
def read_deal(request: HttpRequest, deal_id: Id) -> Any:
    """A deal with its chance and the reasons of it."""
    return schemas.deal_out(_deal(request, deal_id), timezone.now())


@router.patch("/deals/{deal_id}", response=schemas.DealOut)
@WRITE
def change_deal(request: HttpRequest, deal_id: Id, body: schemas.FieldsIn) -> Any:
    """Fill in fields and answers of the need by their codes."""
    deal = _deal(request, deal_id)
    return _shown(
        request, deals.change_deal(**_who(request), deal=deal, values=body.fields, version=body.version)
    )


@router.post("/deals/{deal_id}/moves", response=schemas.DealOut)
@WRITE
def move_deal(request: HttpRequest, deal_id: Id, body: schemas.DealMoveIn) -> Any:
    """Bring a deal to another stage. 422 ``fields_missing`` names what the stage asks for; 409 ``moved_meanwhile``."""
    deal = _deal(request, deal_id)
    stage = get_object_or_404(Stage, pk=body.stage, funnel=deal.funnel_id)
    moved = deals.move_deal(**_who(request), deal=deal, stage=stage, version=body.version, values=body.fields)
    return _shown(request, moved)


@router.post("/deals/{deal_id}/move-undoings", response=schemas.DealOut)
@WRITE
def undo_move(request: HttpRequest, deal_id: Id, body: schemas.UndoIn) -> Any:
    """Take the last move back while nobody changed the deal since."""
    deal = deals.undo_move(**_who(request), deal=_deal(request, deal_id), version=body.version)
    return _shown(request, deal)


@router.post("/deals/{deal_id}/losses", response=schemas.DealOut)
@WRITE
def lose_deal(request: HttpRequest, deal_id: Id, body: schemas.DealLossIn) -> Any:
    """Close as lost with the code of a reason."""
    reason = get_object_or_404(LostReason, code=body.reason, is_active=True)
    deal = deals.lose_deal(**_who(request), deal=_deal(request, deal_id), reason=reason, note=body.note)
    return _shown(request, deal)


@router.post("/deals/{deal_id}/reopenings", response=schemas.DealOut)
@WRITE
def reopen_deal(request: HttpRequest, deal_id: Id) -> Any:
    """A lost deal goes on."""
    return _shown(request, deals.reopen_deal(**_who(request), deal=_deal(request, deal_id)))


@router.post("/deal-handovers", response=ManyOut)
@WRITE
def hand_over(request: HttpRequest, body: schemas.HandOverIn) -> Any:
    """Give deals to a seller who sees their clients."""
    user: Any = request.user
    owner = get_object_or_404(User, pk=body.person_id, is_active=True)
    outcome = act_on_many("owner", deals_among(user, body.deal_ids), **_who(request), owner=owner)
    return told(body.deal_ids, outcome.done, outcome.refused)


@router.get("/funnels", response=list[schemas.FunnelOut])
@READ
def list_funnels(request: HttpRequest) -> Any:
    """Funnels in use with their stages."""
    return [schemas.funnel_out(one) for one in funnels_in_use().prefetch_related("stages")]


@router.get("/funnels/{funnel}/figures", response=schemas.FunnelFiguresOut)
@READ
def read_figures(request: HttpRequest, funnel: str) -> Any:
    """Conversion, time in stage, reasons lost over 30 days, and the forecast by month, within the caller's scope."""
    row = get_object_or_404(Funnel, code=funnel)
    visible, now = Deal.objects.visible_to(request.user), timezone.now()
    return schemas.figures_out(
        stage_figures(row, visible, now=now), lost_reasons(row, visible, now=now),
        forecast(row, visible, today=timezone.localdate()),
    )  # fmt: skip


@router.put("/funnels/{funnel}/stages/{stage}", response=schemas.FunnelOut)
@MANAGE
def change_stage(request: HttpRequest, funnel: str, stage: Id, body: schemas.StageIn) -> Any:
    """Change a stage. 409 when somebody changed the funnel since ``version``."""
    row = get_object_or_404(Funnel, code=funnel)
    found = get_object_or_404(Stage, pk=stage, funnel=row, is_active=True)
    values = body.dict(exclude={"version"})
    funnels.save_stage(**_who(request), funnel=row, stage=found, values=values, version=body.version)
    return schemas.funnel_out(Funnel.objects.get(pk=row.pk))


@router.get("/scripts", response=list[schemas.ScriptOut])
@READ
def list_scripts(request: HttpRequest) -> Any:
    """Scripts in use with the version in force."""
    rows = (
        Script.objects.filter(is_active=True).select_related("funnel", "stage").prefetch_related("versions")
    )
    return [schemas.script_out(one) for one in rows]


@router.get("/advice", response=Page[schemas.AdviceOut])
@READ
def list_advice(
    request: HttpRequest, client_id: Id | None = None, state: schemas.AdviceState | None = None, cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:  # fmt: skip
    """What clients in sight are advised, were offered, bought or declined."""
    rows = Advice.objects.visible_to(request.user).select_related("rule")
    for name, value in {"client_id": client_id, "state": state}.items():
        if value:
            rows = rows.filter(**{name: value})
    page = page_of(rows, order=("id",), cursor=cursor, limit=limit)
    page["items"] = [schemas.advice_out(one) for one in with_sources(page["items"], now=timezone.now())]
    return page


def _advice(request: HttpRequest, advice_id: int) -> Advice:
    return get_object_or_404(Advice.objects.visible_to(request.user), pk=advice_id)


@router.post("/advice/{advice_id}/offers", response=schemas.AdviceOut)
@WRITE
def offer_advice(request: HttpRequest, advice_id: Id) -> Any:
    """The client was told."""
    return schemas.advice_out(advising.offer_advice(**_who(request), advice=_advice(request, advice_id)))


@router.post("/advice/{advice_id}/declines", response=schemas.AdviceOut)
@WRITE
def decline_advice(request: HttpRequest, advice_id: Id, body: schemas.DeclineIn) -> Any:
    """The client does not want it; the line is not advised again before ``not_before``."""
    found = _advice(request, advice_id)
    return schemas.advice_out(
        advising.decline_advice(**_who(request), advice=found, reason=body.reason, note=body.note)
    )


@router.post("/advice/{advice_id}/deals", response={201: schemas.DealOut})
@WRITE
def deal_of_advice(request: HttpRequest, advice_id: Id) -> Any:
    """The client is interested: a deal in the funnel of the line."""
    deal = advising.deal_of_advice(**_who(request), advice=_advice(request, advice_id))
    return Status(201, _shown(request, deal))

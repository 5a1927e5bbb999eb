"""Commission over the API: entries, statements of a month, rates."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.commission import operations, queries, schemas
from clientela.modules.commission.models import Entry, Rate, Statement, paid_agents
from clientela.modules.commission.rules import month_of
from clientela.modules.organisation.models import Agent
from clientela.modules.products.models import Product

READ = requires(Permission.COMMISSION_READ)
RATES = requires(Permission.COMMISSION_RATES)
router = Router(tags=["commission"])
_WRONG = (operations.WrongRate, operations.NotYet, operations.NothingToClose)
_LATE = (operations.RateOverlaps, operations.RateInUse, operations.AlreadyClosed, operations.EarlierOpen)
for _refusal, _status in [*((one, 422) for one in _WRONG), *((one, 409) for one in _LATE)]:
    map_problem(_refusal, _status)
Month = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2100, 12, 31))]


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


@router.get("/commission/entries", response=Page[schemas.CommissionEntryOut])
@READ
def list_entries(
    request: HttpRequest, month: Month | None = None, agent_id: Id | None = None, cursor: Cursor = "", limit: Limit = 50
) -> Any:  # fmt: skip
    """The newest first; of one month (any day of it), of one agent."""
    rows = Entry.objects.visible_to(caller(request)).select_related("policy")
    if month:
        rows = rows.filter(month=month_of(month))
    if agent_id is not None:
        rows = rows.filter(agent_id=agent_id)
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.get("/commission/statements", response=Page[schemas.CommissionStatementOut])
@READ
def list_statements(request: HttpRequest, month: Month, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """What each agent in sight has earned in a month (any day of it): who earned nothing stands with zeros."""
    page = page_of(paid_agents(caller(request)), order=("id",), cursor=cursor, limit=limit)
    return page | {"items": _statements(page["items"], month_of(month))}


def _statements(agents: list[Agent], month: date) -> list[dict[str, Any]]:
    ids = [agent.pk for agent in agents]
    sums = queries.of_agents(Entry.objects.filter(agent_id__in=ids, month=month))
    closed = queries.closed_of(ids, month)
    return [
        _statement(agent, month, sums.get(agent.pk, queries.Sums()), closed.get(agent.pk)) for agent in agents
    ]


def _statement(agent: Agent, month: date, sums: queries.Sums, closed: Statement | None) -> dict[str, Any]:
    return {
        "agent_id": agent.pk, "month": month, "state": "closed" if closed else "open",
        "number": closed.number if closed else "", "count": sums.count, "premium": sums.premium,
        "accrued": sums.accrued, "rent": sums.rent, "taken_back": sums.taken_back, "due": sums.due,
        "tax": queries.tax_due(agent, sums, closed), "unrated": sums.unrated,
        "closed_at": closed.closed_at if closed else None,
    }  # fmt: skip


@router.post("/commission/statements", response={201: schemas.CommissionStatementOut})
@requires(Permission.COMMISSION_CLOSE)
def close_statement(request: HttpRequest, body: schemas.CommissionClosingIn) -> Any:
    """Close the month of an agent: what stands in it is fixed, what comes later stands in the next."""
    agent = get_object_or_404(paid_agents(caller(request)), pk=body.agent_id)
    closed = operations.close_statement(**_who(request), agent=agent, month=month_of(body.month))
    sums = queries.sums_of(closed.entries.all())
    return Status(201, _statement(agent, closed.month, sums, closed))


@router.get("/commission/rates", response=Page[schemas.CommissionRateOut])
@READ
def list_rates(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Rates for everybody and those of the agreements in sight, past and future ones too."""
    rows = Rate.objects.visible_to(caller(request)).select_related("product")
    return page_of(rows, order=("id",), cursor=cursor, limit=limit)


@router.post("/commission/rates", response={201: schemas.CommissionRateOut})
@RATES
def set_rate(request: HttpRequest, body: schemas.CommissionRateIn) -> Any:
    """Set a rate from a day on; the open one for the same ends the day before."""
    values = body.dict()
    agent_id, code = values.pop("agent_id"), values.pop("product")
    agent = None if agent_id is None else get_object_or_404(paid_agents(caller(request)), pk=agent_id)
    product = Product.objects.filter(code=code).first() if code else None
    if code and product is None:
        raise operations.WrongRate("product", _("There is no product with this code."))
    return Status(201, operations.set_rate(**_who(request), agent=agent, product=product, **values))


def _rate(request: HttpRequest, rate_id: int) -> Rate:
    return get_object_or_404(Rate.objects.visible_to(caller(request)).select_related("product"), pk=rate_id)


@router.put("/commission/rates/{commission_rate_id}", response=schemas.CommissionRateOut)
@RATES
def end_rate(request: HttpRequest, commission_rate_id: int, body: schemas.CommissionRateEnd) -> Any:
    """Let a rate end."""
    rate = _rate(request, commission_rate_id)
    return operations.end_rate(**_who(request), rate=rate, valid_until=body.valid_until)


@router.delete("/commission/rates/{commission_rate_id}", response={204: None})
@RATES
def remove_rate(request: HttpRequest, commission_rate_id: int) -> Any:
    """Take away a rate that nothing was counted by."""
    operations.remove_rate(**_who(request), rate=_rate(request, commission_rate_id))
    return Status(204, None)

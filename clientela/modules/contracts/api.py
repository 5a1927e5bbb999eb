"""Policies, quotes and projects over the API."""

from datetime import date
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.identifiers import policy_number_key
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client
from clientela.modules.contracts import operations, schemas
from clientela.modules.contracts.models import InsuredObject, Policy, PolicyVersion, Project, Quote
from clientela.modules.contracts.queries import refund_of
from clientela.modules.products.models import Bank
from clientela.modules.products.queries import on_sale

READ, WRITE = requires(Permission.CONTRACTS_READ), requires(Permission.CONTRACTS_WRITE)
router = Router(tags=["contracts"])
map_problem(operations.InvalidPremium, 422)
map_problem(operations.ReasonRequired, 422)
map_problem(operations.InvalidTerm, 422)
map_problem(operations.DayOutsideTerm, 422)
map_problem(operations.NothingChanged, 422)
map_problem(operations.WhyNeeded, 422)
for refusal in (
    operations.AlreadyRenewed,
    operations.ProjectExists,
    operations.ProjectClosed,
    operations.QuoteWithdrawn,
    operations.PolicyNotInForce,
    operations.NotInForce,
    operations.NotCancelled,
    operations.ChangedMeanwhile,
):
    map_problem(refusal, 409)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _client(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


def _policies(request: HttpRequest) -> QuerySet[Policy]:
    return Policy.objects.visible_to(request.user)


def _policy(request: HttpRequest, policy_id: int) -> Policy:
    return get_object_or_404(_policies(request).select_related("client"), pk=policy_id)


def _project(request: HttpRequest, project_id: int) -> Project:
    rows = Project.objects.visible_to(request.user).select_related("policy", "client", "product")
    return get_object_or_404(rows, pk=project_id)


def _quote(request: HttpRequest, quote_id: int) -> Quote:
    rows = Quote.objects.select_related("policy")
    return get_object_or_404(rows, pk=quote_id, policy__in=_policies(request))


@router.get("/policies", response=Page[schemas.PolicyRow])
@READ
def list_policies(
    request: HttpRequest, client_id: Id | None = None, number: Annotated[str, Query(max_length=60)] = "",
    status: Literal["issued", "suspended", "cancelled"] | None = None, ends_from: date | None = None,
    ends_to: date | None = None, agent_id: Id | None = None, cursor: Cursor = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """By the last day of cover. ``number`` may be written in any way."""
    wanted: dict[str, Any] = {
        "client_id": client_id, "status": status, "agent_id": agent_id,
        "end_date__gte": ends_from, "end_date__lte": ends_to, "number_key": policy_number_key(number) or None,
    }  # fmt: skip
    rows = _policies(request).filter(**{field: value for field, value in wanted.items() if value is not None})
    return page_of(rows, order=("end_date", "id"), cursor=cursor, limit=limit)


@router.get("/policies/{policy_id}", response=schemas.PolicyOut)
@READ
def policy(request: HttpRequest, policy_id: int) -> Any:
    rows = _policies(request).select_related("insured_object").prefetch_related("participants")
    return get_object_or_404(rows, pk=policy_id)


@router.post("/policies/{policy_id}/cancellation", response=schemas.PolicyRow)
@WRITE
def cancel_policy(request: HttpRequest, policy_id: int, body: schemas.CancellationIn) -> Any:
    """End a policy early; its project and quotes are withdrawn."""
    return operations.cancel_policy(**_who(request), policy=_policy(request, policy_id), **body.dict())


@router.get("/policies/{policy_id}/refund", response=schemas.EarlyEndOut)
@READ
def refund(request: HttpRequest, policy_id: int, on: date) -> Any:
    """What would come back by the product's rule with ``on`` as the last day of cover."""
    return refund_of(_policy(request, policy_id), on=on, now=timezone.now())


@router.get("/policies/{policy_id}/versions", response=list[schemas.PolicyVersionOut])
@READ
def list_versions(request: HttpRequest, policy_id: int) -> Any:
    """From the first on. A policy that came by an import and was never changed has none."""
    return PolicyVersion.objects.filter(policy=_policy(request, policy_id))[:200]


@router.post("/policies/{policy_id}/reinstatement", response={201: schemas.PolicyVersionOut})
@WRITE
def reinstate(request: HttpRequest, policy_id: int, body: schemas.WhyIn) -> Any:
    """Take a cancellation back."""
    found = _policy(request, policy_id)
    return Status(201, operations.reinstate_policy(**_who(request), policy=found, **body.dict()))


@router.post("/policies/{policy_id}/duplicates", response={201: schemas.PolicyVersionOut})
@WRITE
def duplicate(request: HttpRequest, policy_id: int, body: schemas.WhyIn) -> Any:
    """Give out a duplicate of the policy."""
    found = _policy(request, policy_id)
    return Status(201, operations.duplicate_policy(**_who(request), policy=found, **body.dict()))


@router.get("/policies/{policy_id}/quotes", response=list[schemas.QuoteOut])
@READ
def list_quotes(request: HttpRequest, policy_id: int) -> Any:
    """Quotes for the next term, the newest first."""
    return Quote.objects.filter(policy=_policy(request, policy_id))[:200]


@router.post("/policies/{policy_id}/quotes", response={201: schemas.QuoteOut})
@WRITE
def make_quote(request: HttpRequest, policy_id: int, body: schemas.QuoteIn) -> Any:
    found = _policy(request, policy_id)
    return Status(201, operations.make_quote(**_who(request), policy=found, **body.dict()))


@router.post("/quotes/{quote_id}/withdrawal", response=schemas.QuoteOut)
@WRITE
def withdraw_quote(request: HttpRequest, quote_id: int) -> Any:
    return operations.withdraw_quote(**_who(request), quote=_quote(request, quote_id))


@router.get("/policies/{policy_id}/projects", response=list[schemas.ProjectOut])
@READ
def list_projects(request: HttpRequest, policy_id: int) -> Any:
    """Projects of the next term, the newest first."""
    return Project.objects.filter(policy=_policy(request, policy_id))[:200]


@router.post("/policies/{policy_id}/projects", response={201: schemas.ProjectOut})
@WRITE
def prepare_project(request: HttpRequest, policy_id: int, body: schemas.ProjectIn) -> Any:
    found = _policy(request, policy_id)
    return Status(201, operations.prepare_project(**_who(request), policy=found, **body.dict()))


@router.get("/clients/{client_id}/projects", response=list[schemas.ProjectOut])
@READ
def list_projects_of_client(request: HttpRequest, client_id: int) -> Any:
    """Everything prepared for the client, the newest first."""
    return Project.objects.filter(client=_client(request, client_id))[:200]


@router.post("/clients/{client_id}/projects", response={201: schemas.ProjectOut})
@WRITE
def prepare_new_project(request: HttpRequest, client_id: int, body: schemas.NewProjectIn) -> Any:
    """Prepare a new contract; paid or issued, it becomes a policy."""
    found, values = (
        _client(request, client_id),
        body.dict(exclude={"product_id", "insured_object_id", "bank_id"}),
    )
    values["participants"] = body.model_dump(mode="json")["participants"]
    things = InsuredObject.objects.filter(client=found)
    return Status(201, operations.prepare_new(
        **_who(request), client=found, product=get_object_or_404(on_sale(), pk=body.product_id),
        insured_object=get_object_or_404(things, pk=body.insured_object_id) if body.insured_object_id else None,
        bank=get_object_or_404(Bank, pk=body.bank_id) if body.bank_id else None, **values,
    ))  # fmt: skip


@router.get("/projects/{project_id}", response=schemas.ProjectOut)
@READ
def project(request: HttpRequest, project_id: int) -> Any:
    return _project(request, project_id)


@router.put("/projects/{project_id}/price", response=schemas.ProjectOut)
@WRITE
def reprice_project(request: HttpRequest, project_id: int, body: schemas.PriceIn) -> Any:
    return operations.reprice_project(**_who(request), project=_project(request, project_id), **body.dict())


@router.post("/projects/{project_id}/offer", response=schemas.ProjectOut)
@WRITE
def mark_offered(request: HttpRequest, project_id: int) -> Any:
    """The project was shown to the client."""
    return operations.mark_offered(**_who(request), project=_project(request, project_id))


@router.post("/projects/{project_id}/withdrawal", response=schemas.ProjectOut)
@WRITE
def withdraw_project(request: HttpRequest, project_id: int, body: schemas.ReasonIn) -> Any:
    found = _project(request, project_id)
    return operations.withdraw_project(**_who(request), project=found, reason=body.reason)


@router.post("/projects/{project_id}/issue", response={201: schemas.PolicyRow})
@WRITE
def issue_project(request: HttpRequest, project_id: int) -> Any:
    """Issue the policy without waiting for money; a payment issues it by itself."""
    return Status(201, operations.issue_project(**_who(request), project=_project(request, project_id)))


@router.get("/clients/{client_id}/objects", response=list[schemas.ObjectOut])
@READ
def list_objects(request: HttpRequest, client_id: int) -> Any:
    """Things of the client that are or were insured."""
    return InsuredObject.objects.filter(client=_client(request, client_id)).order_by("id")[:500]


@router.post("/objects/{object_id}/sale", response=schemas.ObjectOut)
@WRITE
def sell_object(request: HttpRequest, object_id: int, body: schemas.SaleIn) -> Any:
    """The thing was sold: reminders about it stop."""
    visible = Client.objects.visible_to(request.user)
    thing = get_object_or_404(InsuredObject, pk=object_id, client__in=visible)
    return operations.mark_object_sold(**_who(request), insured_object=thing, sold_on=body.sold_on)

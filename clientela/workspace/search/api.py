"""Search over the API."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.schemas import ClientRow
from clientela.modules.contracts.schemas import PolicyRow
from clientela.workspace.search.queries import find

router = Router(tags=["search"])


class ClientHitOut(Schema):
    client: ClientRow
    by: str


class PolicyHitOut(Schema):
    policy: PolicyRow
    by: str


class FoundOut(Schema):
    """``guessed``: nothing fitted, these are clients with a similar surname."""

    clients: list[ClientHitOut]
    policies: list[PolicyHitOut]
    guessed: bool


@router.get("/search", response=FoundOut)
@requires(Permission.CLIENTS_READ)
def search(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=80)],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Any:
    """By name, phone or its last digits, plate, VIN, policy number, e-mail, passport, licence or INN."""
    return find(request.user, q, few=limit)

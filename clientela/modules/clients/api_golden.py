"""Sources of a card's values, values of other sources, and the rules of the golden record, over the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients import golden, operations
from clientela.modules.clients.models import Client, FieldValue, GoldenRules
from clientela.modules.clients.operations.golden import current_rules, current_values

READ, WRITE = requires(Permission.CLIENTS_READ), requires(Permission.CLIENTS_WRITE)
router = Router(tags=["clients"])
map_problem(operations.ValueGone, 409)
map_problem(operations.WrongRules, 422)
SourceKind = Literal["agent", "own", "web", "import", "api", "message", "unknown"]
GoldenField = Literal[
    "name", "birth_date", "sex", "inn", "snils", "bank", "place", "language", "preferred_channel", "hours", "phone",
    "email",
]  # fmt: skip
SECRET = {"snils", "bank_account", "bank_bic"}


class FieldValueOut(Schema):
    """One value of one field; ``id`` is null where the card's own origin is all that is known."""

    id: int | None
    field: str
    value: dict[str, str]
    state: str
    source: str
    source_name: str
    first_seen: datetime
    last_seen: datetime
    verified_at: datetime | None

    @staticmethod
    def resolve_value(row: FieldValue) -> dict[str, str]:
        """Account numbers are not given whole."""
        return {
            name: f"•••{text[-4:]}" if text and (name in SECRET or (name == "inn" and len(text) == 12)) else text
            for name, text in row.value.items() if name != "name_key"
        }  # fmt: skip


class GoldenRule(Schema):
    """``trust`` ranks sources from 1, the most trusted, to 9."""

    trust: dict[SourceKind, Annotated[int, Field(ge=1, le=9)]]
    verified_first: bool = True
    newest_first: bool = False


class GoldenRulesIn(Schema):
    rules: dict[GoldenField, GoldenRule]
    note: Annotated[str, Field(max_length=200)] = ""


class GoldenRulesOut(Schema):
    """``version`` 0 is what is shipped."""

    version: int
    rules: dict[str, GoldenRule]
    note: str = ""
    made_at: datetime | None = None
    made_by_id: int | None = None


class VerificationIn(Schema):
    field: GoldenField


def _card(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


def _value(request: HttpRequest, value_id: int) -> FieldValue:
    return get_object_or_404(FieldValue.objects.visible_to(request.user), pk=value_id)


@router.get("/clients/{client_id}/values", response=list[FieldValueOut])
@READ
def list_values(request: HttpRequest, client_id: int) -> Any:
    """Where each value of the card is from, then what other sources say."""
    card = _card(request, client_id)
    others = FieldValue.objects.filter(client=card).exclude(state=FieldValue.State.CURRENT)
    return [*current_values(card).values(), *others[:200]]


@router.post("/clients/values/{value_id}/choice", response=FieldValueOut)
@WRITE
def choose_value(request: HttpRequest, value_id: int) -> Any:
    """Another source's value becomes the card's; what stood there becomes an alternative."""
    value = _value(request, value_id)
    operations.take_value(actor=request.user, now=timezone.now(), value=value)
    return FieldValue.objects.get(pk=value.pk)


@router.put("/clients/values/{value_id}/wrong", response=FieldValueOut)
@WRITE
def mark_value_wrong(request: HttpRequest, value_id: int, wrong: bool = True) -> Any:
    """Another source's value is wrong; ``wrong=false`` takes that back."""
    return operations.mark_value(
        actor=request.user, now=timezone.now(), value=_value(request, value_id), wrong=wrong
    )


@router.post("/clients/{client_id}/values/verification", response=FieldValueOut)
@WRITE
def verify_value(request: HttpRequest, client_id: int, body: VerificationIn) -> Any:
    """The value on the card was compared with a document."""
    card = _card(request, client_id)
    return operations.verify_value(actor=request.user, now=timezone.now(), client=card, field=body.field)


@router.get("/golden-rules", response=GoldenRulesOut)
@requires(Permission.ORGANISATION_READ)
def read_golden_rules(request: HttpRequest) -> Any:
    """The rules in force."""
    return _in_force()


def _in_force() -> dict[str, Any]:
    newest = GoldenRules.objects.order_by("-pk").first()
    rules = golden.written(current_rules())
    if newest is None:
        return {"version": 0, "rules": rules}
    return {
        "version": newest.pk, "rules": rules, "note": newest.note, "made_at": newest.made_at,
        "made_by_id": newest.made_by_id,
    }  # fmt: skip


@router.put("/golden-rules", response=GoldenRulesOut)
@requires(Permission.ORGANISATION_WRITE)
def set_golden_rules(request: HttpRequest, body: GoldenRulesIn) -> Any:
    """A new version; fields and sources that are left out are as shipped."""
    rules: dict[str, Any] = {str(name): one.dict() for name, one in body.rules.items()}
    operations.set_rules(actor=request.user, now=timezone.now(), rules=rules, note=body.note)
    return _in_force()

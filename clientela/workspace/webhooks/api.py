"""Webhooks by the API: the same acts as on the pages."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.outbox.operations import event_names
from clientela.foundation.webhooks import operations
from clientela.foundation.webhooks.models import Delivery, Endpoint
from clientela.modules.accounts.access import Permission, caller, requires

router = Router(tags=["webhooks"])
map_problem(operations.BadAddress, 422)
map_problem(operations.UnknownEvent, 422)
map_problem(operations.TooManyEndpoints, 409)
map_problem(operations.SwitchedOff, 409)
map_problem(operations.StillOpen, 409)


class WebhookIn(Schema):
    """``events`` are names of ``GET /webhook-events``."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    url: Annotated[str, Field(min_length=1, max_length=500)]
    events: Annotated[list[str], Field(min_length=1, max_length=100)]


class WebhookOut(Schema):
    """``off`` is empty while the address is on, else why nothing is sent: person, failing, gone.

    ``quiet_until`` is the time before which the receiver asked for nothing (``Retry-After``).
    """

    id: int
    name: str
    url: str
    events: list[str]
    off: str
    failing_since: datetime | None
    quiet_until: datetime | None
    created_at: datetime


class NewWebhookOut(WebhookOut):
    """``secret`` is shown only now."""

    secret: str


class SecretOut(Schema):
    """The old secret stays good until ``old_until``."""

    secret: str
    old_until: datetime


class SwitchIn(Schema):
    on: bool


class SinceIn(Schema):
    since: datetime


class CountOut(Schema):
    count: int


class WebhookDeliveryOut(Schema):
    """``message_id`` is the header ``webhook-id``; ``answer`` is the beginning of the last answer."""

    id: int
    message_id: str
    event: str
    body: str
    state: str
    attempts: int
    next_attempt_at: datetime
    created_at: datetime
    tried_at: datetime | None
    took_ms: int | None
    status: int | None
    fault: str
    answer: str


@router.get("/webhook-events", response=list[str])
@requires(Permission.WEBHOOKS_WRITE)
def list_events(request: HttpRequest) -> Any:
    """Names that a webhook can ask for."""
    return event_names()


@router.get("/webhooks", response=list[WebhookOut])
@requires(Permission.WEBHOOKS_WRITE)
def list_webhooks(request: HttpRequest) -> Any:
    return Endpoint.objects.order_by("name", "id")


@router.post("/webhooks", response={201: NewWebhookOut})
@requires(Permission.WEBHOOKS_WRITE)
def create_webhook(request: HttpRequest, body: WebhookIn) -> Any:
    row, secret = operations.create_endpoint(actor=caller(request), now=timezone.now(), **body.dict())
    row.secret = secret  # the answer tells the secret itself; the database keeps its encrypted form
    return Status(201, row)


@router.get("/webhooks/{webhook_id}", response=WebhookOut)
@requires(Permission.WEBHOOKS_WRITE)
def webhook(request: HttpRequest, webhook_id: int) -> Any:
    return get_object_or_404(Endpoint, pk=webhook_id)


@router.put("/webhooks/{webhook_id}", response=WebhookOut)
@requires(Permission.WEBHOOKS_WRITE)
def change_webhook(request: HttpRequest, webhook_id: int, body: WebhookIn) -> Any:
    row = get_object_or_404(Endpoint, pk=webhook_id)
    return operations.change_endpoint(actor=caller(request), now=timezone.now(), endpoint=row, **body.dict())


@router.delete("/webhooks/{webhook_id}", response={204: None})
@requires(Permission.WEBHOOKS_WRITE)
def remove_webhook(request: HttpRequest, webhook_id: int) -> Any:
    row = get_object_or_404(Endpoint, pk=webhook_id)
    operations.remove_endpoint(actor=caller(request), now=timezone.now(), endpoint=row)
    return Status(204, None)


@router.post("/webhooks/{webhook_id}/secret", response=SecretOut)
@requires(Permission.WEBHOOKS_WRITE)
def rotate_secret(request: HttpRequest, webhook_id: int) -> Any:
    """A new secret; for a day messages are signed with both."""
    row, now = get_object_or_404(Endpoint, pk=webhook_id), timezone.now()
    secret = operations.rotate_secret(actor=caller(request), now=now, endpoint=row)
    return {"secret": secret, "old_until": now + operations.OVERLAP}


@router.post("/webhooks/{webhook_id}/switch", response=WebhookOut)
@requires(Permission.WEBHOOKS_WRITE)
def switch_webhook(request: HttpRequest, webhook_id: int, body: SwitchIn) -> Any:
    row = get_object_or_404(Endpoint, pk=webhook_id)
    operations.switch(actor=caller(request), now=timezone.now(), endpoint=row, on=body.on)
    row.refresh_from_db()
    return row


@router.post("/webhooks/{webhook_id}/test", response={202: WebhookDeliveryOut})
@requires(Permission.WEBHOOKS_WRITE)
def test_webhook(request: HttpRequest, webhook_id: int) -> Any:
    """Send a message that says nothing, to try the address."""
    row = get_object_or_404(Endpoint, pk=webhook_id)
    return Status(202, operations.send_test(actor=caller(request), now=timezone.now(), endpoint=row))


@router.post("/webhooks/{webhook_id}/replay", response={202: CountOut})
@requires(Permission.WEBHOOKS_WRITE)
def replay_failed(request: HttpRequest, webhook_id: int, body: SinceIn) -> Any:
    """Send everything again that failed and happened at ``since`` or later."""
    row, since = get_object_or_404(Endpoint, pk=webhook_id), body.since
    if timezone.is_naive(since):
        since = timezone.make_aware(since)
    count = operations.replay_failed(actor=caller(request), now=timezone.now(), endpoint=row, since=since)
    return Status(202, {"count": count})


@router.get("/webhooks/{webhook_id}/deliveries", response=Page[WebhookDeliveryOut])
@requires(Permission.WEBHOOKS_WRITE)
def list_deliveries(
    request: HttpRequest,
    webhook_id: int,
    state: Delivery.State | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    rows = Delivery.objects.filter(endpoint=get_object_or_404(Endpoint, pk=webhook_id))
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.post("/webhook-deliveries/{delivery_id}/replay", response={204: None})
@requires(Permission.WEBHOOKS_WRITE)
def replay_delivery(request: HttpRequest, delivery_id: int) -> Any:
    """Send one message again, with its own id and body."""
    row = get_object_or_404(Delivery.objects.select_related("endpoint"), pk=delivery_id)
    operations.replay(actor=caller(request), now=timezone.now(), delivery=row)
    return Status(204, None)

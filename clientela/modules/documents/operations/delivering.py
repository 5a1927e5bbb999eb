"""Delivering documents of a policy: ordered by a colleague, moved by receipts, couriers and colleagues."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.foundation.outbox.operations import publish
from clientela.foundation.phones import normalize
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import require
from clientela.modules.contacts.models import Message, MessageFile
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contracts.models import Policy
from clientela.modules.documents.events import DeliveryChanged
from clientela.modules.documents.models import Delivery, DeliveryStep, Document, PickupPoint
from clientela.modules.documents.operations.delivery_words import tell_client
from clientela.modules.documents.operations.signing import digest_now
from clientela.modules.documents.ports import CourierOrder, CourierService
from clientela.modules.documents.rules_delivery import NEEDS_REASON, by_hand, may_follow

ORIGIN = "documents.delivery"
JOB = "documents.courier"
KEPT_AT_POINT = timedelta(days=14)
State, Way = Delivery.State, Delivery.Way


class NothingToDeliver(Refusal):
    """Ready documents of the policy are delivered."""

    message = _("Choose documents of this policy that are ready.")
    field = "documents"


class AlreadyOnItsWay(Refusal):
    """The same documents are being delivered the same way."""

    message = _("These documents are already on their way so: follow that delivery.")


class DeliveryIncomplete(Refusal):
    """Something is missing; ``field`` says what."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.field, self.message = field, message


class WrongStep(Refusal):
    """The delivery is not where this step begins."""

    message = _("The delivery is in another state by now: look at it again.")
    field = "state"


@transaction.atomic
def order_delivery(
    *, actor: Any, now: datetime, policy: Policy, way: str, documents: Sequence[Document], recipient: str = "",
    phone: str = "", address: str = "", day: date | None = None, hour_from: int | None = None, hour_to: int | None = None,
    point: PickupPoint | None = None,
) -> Delivery:  # fmt: skip
    """Send the documents by e-mail, order a courier, or have them prepared at a pick-up point.

    Raises ``NothingToDeliver``, ``AlreadyOnItsWay``, ``DeliveryIncomplete``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", policy.client_id)
    client = Client.objects.select_for_update().get(pk=policy.client_id)
    papers = list({one.pk: one for one in documents}.values())
    good = all(one.policy_id == policy.pk and one.state == Document.State.READY for one in papers)
    if not papers or not good or any(digest_now(one) != one.digest for one in papers):
        raise NothingToDeliver
    under_way = Delivery.objects.filter(
        policy=policy, way=way, state__in=["ordered", "sent", "handed_over", "on_the_way", "ready"]
    )
    wanted = {one.pk for one in papers}
    if any(wanted == set(one.documents.values_list("pk", flat=True)) for one in under_way):
        raise AlreadyOnItsWay
    row = Delivery(policy=policy, client=client, way=way, created_by=actor, created_at=now, changed_at=now)
    row.token = secrets.token_urlsafe(16)
    row.recipient = recipient.strip()[:200] or client.name
    if way == Way.COURIER:
        _for_courier(row, now=now, phone=phone, address=address, day=day, hours=(hour_from, hour_to))
    elif way == Way.PICKUP:
        if point is None or not point.is_active:
            raise DeliveryIncomplete("point", _("Choose a pick-up point."))
        row.point = point
    row.save()
    row.documents.set(papers)
    _step(row, State.ORDERED, actor=actor, now=now)
    if way == Way.EMAIL:
        _mail(row, papers, now=now)
    elif way == Way.COURIER:
        title = gettext("Courier: %(name)s") % {"name": policy}
        enqueue(kind=JOB, title=title, now=now, args={"delivery": row.pk}, actor=actor, schedule_key=f"{JOB}:{row.pk}")  # fmt: skip
    record(actor=actor, now=now, action="delivery.ordered", obj=row, changes={"way": [None, way]})
    return row


def _for_courier(
    row: Delivery, *, now: datetime, phone: str, address: str, day: date | None, hours: tuple[int | None, int | None]
) -> None:  # fmt: skip
    number = normalize(phone)
    if not number:
        raise DeliveryIncomplete("phone", _("Write the phone the courier rings."))
    if not address.strip():
        raise DeliveryIncomplete("address", _("Write where the courier goes."))
    if day is None or day < local_today(row.client.time_zone, now):
        raise DeliveryIncomplete("day", _("Choose a day from today on."))
    first, last = hours
    if first is None or last is None or not 0 <= first < last <= 24:
        raise DeliveryIncomplete("hour_to", _("The interval ends after it begins."))
    row.phone, row.address, row.day, row.hour_from, row.hour_to = (
        number,
        address.strip()[:255],
        day,
        first,
        last,
    )


def _mail(row: Delivery, papers: Sequence[Document], *, now: datetime) -> None:
    with override(row.client.language):
        text = gettext("Good day! Your documents are attached: %(names)s.\n\n%(company)s") % {
            "names": ", ".join(str(one) for one in papers), "company": settings.COMPANY_NAME,
        }  # fmt: skip
        subject = gettext("Your documents")
        names = [f"{one}.pdf".replace("/", "-") for one in papers]
    message = queue_message(
        now=now, actor=None, client=row.client, channel="email", text=text, subject=subject, origin=ORIGIN,
        origin_id=row.pk,
    )  # fmt: skip
    row.message, row.email = message, message.address
    row.save(update_fields=["message", "email"])
    if message.state == Message.State.DROPPED:
        _to(row, State.NOT_DELIVERED, actor=None, now=now, note=gettext("The e-mail may not go: no usable address, or the client asked not to be written to."))  # fmt: skip
        return
    for one, name in zip(papers, names, strict=True):
        MessageFile.objects.create(
            message=message, file=one.file.name, name=name, content_type="application/pdf", size=one.size
        )


@transaction.atomic
def move_delivery(
    *, actor: Any, now: datetime, delivery: Delivery, state: str, reason: str = "", issued_to: str = "",
    issued_by_document: str = "",
) -> Delivery:  # fmt: skip
    """A colleague says what happened. What went wrong needs a reason, giving out says to whom by which document.

    Raises ``WrongStep``, ``DeliveryIncomplete``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", delivery.client_id)
    row = _lock(delivery.pk)
    if state not in by_hand(row.way, row.state):
        raise WrongStep
    if state in NEEDS_REASON and not reason.strip():
        raise DeliveryIncomplete("reason", _("Write why."))
    if state == State.ISSUED:
        if not issued_to.strip():
            raise DeliveryIncomplete("issued_to", _("Write who fetched it."))
        if not issued_by_document.strip():
            raise DeliveryIncomplete("issued_by_document", _("Write which document was shown."))
        row.issued_to, row.issued_by_document = issued_to.strip()[:200], issued_by_document.strip()[:120]
    if state == State.READY:
        row.day = local_today(row.client.time_zone, now) + KEPT_AT_POINT
    if row.way == Way.COURIER and state == State.ON_THE_WAY and row.day is not None:
        row.day = max(row.day, local_today(row.client.time_zone, now))  # tried again, it comes today
    _to(row, state, actor=actor, now=now, note=reason)
    return row


def _lock(pk: int) -> Delivery:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("client", "policy", "point")
    return rows.get(pk=pk)


def _to(row: Delivery, state: str, *, actor: Any, now: datetime, note: str = "") -> None:
    before = row.state
    row.state, row.changed_at, row.reason = state, now, note.strip()[:255]
    row.save()
    _step(row, state, actor=actor, now=now, note=row.reason)
    record(
        actor=actor,
        now=now,
        action="delivery.moved",
        obj=row,
        changes={"state": [before, state]},
        reason=row.reason,
    )


def _step(row: Delivery, state: str, *, actor: Any, now: datetime, note: str = "") -> None:
    step = DeliveryStep.objects.create(delivery=row, state=state, at=now, by=actor, note=note)
    tell_client(row, step, origin=ORIGIN, now=now)
    publish(DeliveryChanged(row.pk, row.client_id, row.policy_id, state), now=now)


_OF_MESSAGE = {
    "sent": State.SENT, "delivered": State.DELIVERED, "read": State.DELIVERED, "failed": State.NOT_DELIVERED,
    "dropped": State.NOT_DELIVERED,
}  # fmt: skip


@transaction.atomic
def follow_receipt(*, delivery_id: int, message_state: str, detail: str, now: datetime) -> None:
    """The e-mail went, came or did not; a receipt that comes twice or late changes nothing."""
    row = _lock(delivery_id)
    state = _OF_MESSAGE.get(message_state)
    if state is not None and state in may_follow(row.way, row.state):
        note = detail if state == State.NOT_DELIVERED else ""
        _to(row, state, actor=None, now=now, note=note)


def run_courier(run: Run) -> dict[str, Any]:
    """The job: order the trip at the service; its key makes a second order the same one."""
    return {"ref": order_trip(delivery_id=run.args["delivery"])}


def order_trip(*, delivery_id: int) -> str:
    """Outside any transaction: the service is asked, then its number kept."""
    row = Delivery.objects.get(pk=delivery_id)
    if row.carrier_ref or row.state != State.ORDERED:
        return row.carrier_ref
    service: CourierService = import_string(settings.COURIER)()
    assert row.day is not None
    ref = service.order(CourierOrder(
        key=f"D-{row.pk:06}", recipient=row.recipient, phone=row.phone, address=row.address, day=row.day,
        hour_from=row.hour_from or 0, hour_to=row.hour_to or 24,
    ))  # fmt: skip
    Delivery.objects.filter(pk=row.pk, carrier_ref="").update(carrier_ref=ref[:60])
    return ref


def expire_deliveries(*, now: datetime, limit: int = 500) -> int:
    """What nobody fetched by its day; each once."""
    rows = Delivery.objects.filter(
        state=State.READY, day__lt=local_today(settings.TIME_ZONE, now)
    ).values_list("pk", flat=True)
    done = 0
    for pk in list(rows[:limit]):
        with transaction.atomic():
            row = _lock(pk)
            if row.state == State.READY:
                _to(row, State.EXPIRED, actor=None, now=now)
                done += 1
    return done


def run_expiry(run: Run) -> dict[str, Any]:
    """The daily job."""
    return {"expired": expire_deliveries(now=timezone.now())}

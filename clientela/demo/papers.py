"""Signed policies and deliveries in several states, as a branch has them on a usual morning."""

from datetime import datetime, timedelta

from clientela.foundation.dates import local_today
from clientela.modules.contacts.operations.awaited import filled
from clientela.modules.contacts.operations.one_time_codes import last_code
from clientela.modules.contracts.models import Policy
from clientela.modules.documents.evidence import keep_evidence
from clientela.modules.documents.models import Delivery, Document, PickupPoint
from clientela.modules.documents.operations import (
    ask_document,
    ask_signature,
    load_shipped,
    make,
    move_delivery,
    note_opened,
    order_delivery,
    send_sign_code,
    sign,
)
from clientela.modules.documents.operations.signing import PURPOSE
from clientela.modules.organisation.models import Branch

# How the policies of the show stand: what of the signature, the way of delivery, and its steps.
SHOWN = (
    ("signed", "courier", ("handed_over", "on_the_way")),
    ("signed", "pickup", ("ready",)),
    ("opened", "courier", ("handed_over", "not_delivered")),
    ("asked", "pickup", ()),
    ("", "courier", ("handed_over", "delivered")),
    ("", "pickup", ("ready", "issued")),
)  # fmt: skip
_REASONS = {"not_delivered": "Никто не открыл, просили перезвонить вечером"}


def write(now: datetime) -> int:
    """Points, documents, signatures and deliveries; returns how many deliveries there are."""
    load_shipped(now=now)
    for branch in Branch.objects.filter(is_active=True):
        PickupPoint.objects.get_or_create(
            branch=branch, name=f"Офис {branch.name}",
            defaults={"address": f"{branch.city}, ул. Центральная, 10", "hours": "пн–пт 9:00–19:00, сб 10:00–16:00"},
        )  # fmt: skip
    rows = Policy.objects.filter(status=Policy.Status.ISSUED, agent__email="a.sokolova@prichal.example")
    if not rows.exists():
        rows = Policy.objects.filter(status=Policy.Status.ISSUED, branch__city="Казань")
    rows = rows.filter(client__contact_points__kind="phone", client__do_not_contact=False).distinct()
    for policy, (signature, way, steps) in zip(
        rows.select_related("client__branch").order_by("-start_date", "id"), SHOWN, strict=False
    ):
        at = now - timedelta(hours=20)
        paper = make(document_id=ask_document(actor=None, now=at, kind="policy", policy=policy).pk, now=at)
        if paper.state != Document.State.READY:
            continue
        if signature:
            _sign(paper, signature, at)
        _deliver(paper, way, steps, at)
    return Delivery.objects.count()


def _sign(paper: Document, how: str, at: datetime) -> None:
    row = ask_signature(actor=None, now=at, documents=[paper])
    if how == "asked":
        return
    note_opened(now=at + timedelta(minutes=4), request=row)
    if how == "signed":
        moment = at + timedelta(minutes=6)
        row.refresh_from_db()
        send_sign_code(now=moment, request=row)
        code = last_code(PURPOSE, row.pk)
        assert code is not None
        assert code.message is not None
        digits = filled("••••••", code.message.awaited.sealed)
        row = sign(now=moment + timedelta(minutes=1), request=row, typed=digits, ip="203.0.113.24", user_agent="Mozilla/5.0 (Android 16; Mobile)")  # fmt: skip
        # it never goes: nobody of a demonstration waits for it
        code.message.awaited.delete()
        code.message.state, code.message.sent_at = "delivered", moment
        code.message.save(update_fields=["state", "sent_at"])
        keep_evidence(request_id=row.pk, now=moment)


def _deliver(paper: Document, way: str, steps: tuple[str, ...], at: datetime) -> None:
    policy, client = paper.policy, paper.client
    assert policy is not None
    phone = client.contact_points.filter(kind="phone")[0].value
    point = PickupPoint.objects.filter(branch=client.branch_id).first() or PickupPoint.objects.first()
    row = order_delivery(
        actor=None, now=at, policy=policy, way=way, documents=[paper], phone=phone,
        address=f"{client.branch.city if client.branch else 'Казань'}, ул. Баумана, 12, кв. 8",
        day=local_today(client.time_zone, at) + timedelta(days=1), hour_from=10, hour_to=14,
        point=point if way == "pickup" else None,
    )  # fmt: skip
    for number, state in enumerate(steps, start=1):
        told = {"reason": _REASONS.get(state, "")}
        if state == "issued":
            told |= {"issued_to": client.name, "issued_by_document": "паспорт"}
        row = move_delivery(
            actor=None, now=at + timedelta(hours=2 * number), delivery=row, state=state, **told
        )

"""What a sale leaves behind: calculations, money, papers, deals."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from clientela.modules.billing.models import Invoice, Payment, Receipt, Refund
from clientela.modules.contracts.operations.versions import first_version
from clientela.modules.documents.models import Delivery as PaperDelivery
from clientela.modules.documents.models import Document, SignedPaper, SignRequest
from clientela.modules.documents.models import Template as PaperTemplate
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.sales.models import Advice, AdviceRule, Deal, Funnel, Script
from clientela.modules.sales.operations.deals import Start, start_deal
from clientela.modules.sales.operations.funnels import load_shipped as load_funnels
from clientela.modules.underwriting.models import ChangeReferral, Inspection, Referral, Shot
from tests.access.people import INSIDE
from tests.access.records.pair import Pair


def sale(client: Any, policy: Any, user: Any, now: Any) -> dict[str, Any]:
    """A calculation with its referral and a photo of its inspection."""
    calculation = Calculation.objects.create(
        number=f"Р-25-{client.pk:06}", number_key=f"P25{client.pk:06}", client=client, product=policy.product,
        starts_on=now.date() + timedelta(days=30), token=f"offer-token-{client.pk}", created_by=user, created_at=now,
        updated_at=now,
    )  # fmt: skip
    variant = Variant.objects.create(calculation=calculation, place=1, is_chosen=True)
    referral = Referral.objects.create(calculation=calculation, created_at=now)
    inspection = Inspection.objects.create(
        referral=referral, token=f"inspection-token-{client.pk}", views=["front"], asked_at=now
    )
    shot = Shot(inspection=inspection, view="front", size=1, taken_at=now)
    shot.file.save("x.jpg", ContentFile(b"x"))
    change = ChangeReferral.objects.create(
        policy=policy, seen=1, reason="x", before=Decimal(1), premium=Decimal(2), difference=Decimal(1), asked_at=now,
        wanted={"valid_from": now.date().isoformat(), "participants": None, "answers": {}, "sum_insured": None},
    )  # fmt: skip
    return {
        "change_referral": change.pk, "calculation": calculation.pk, "variant": variant.pk, "referral": referral.pk, "shot": shot.pk,
        "offer_token": calculation.token, "inspection_token": inspection.token,
    }  # fmt: skip


def money(client: Any, policy: Any, now: Any) -> dict[str, Any]:
    """A payment with its receipt, a refund that is due, an invoice."""
    common = {"created_at": now}
    paid = Payment.objects.create(
        client=client, policy=policy, amount=Decimal(2), method="cash", paid_at=now, **common
    )
    Receipt.objects.create(payment=paid, key=f"receipt-{client.pk}", state="done", text="x", **common)
    refund = Refund.objects.create(
        payment=paid, amount=Decimal(1), reason="x", key=f"refund-{client.pk}", **common
    )
    Receipt.objects.create(refund=refund, key=f"refund-receipt-{client.pk}", state="done", text="x", **common)
    bill = Invoice.objects.create(
        client=client, policy=policy, amount=Decimal(1), token=f"bill-token-{client.pk}", **common
    )
    return {"payment": paid.pk, "refund": refund.pk, "invoice": bill.pk}


def papers(policy: Any, project: Any, now: Any) -> dict[str, Any]:
    """A document of the policy."""
    version = first_version(policy)
    made = Document.objects.create(
        kind="policy", client=policy.client, policy=policy, version=version, token=f"paper-token-{policy.pk}", created_at=now,
        state="ready",
    )  # fmt: skip
    made.file.save("paper.pdf", ContentFile(b"%PDF-"))
    asked = SignRequest.objects.create(
        client=policy.client, policy=policy, token=f"sign-token-{policy.pk}", channel="sms", phone="+79170000000",
        agreement="…", digest="0" * 64, state="signed", created_at=now, expires_at=now + timedelta(days=3), signed_at=now,
    )  # fmt: skip
    asked.file.save("evidence.pdf", ContentFile(b"%PDF-"))
    one = SignedPaper(request=asked, document=made, digest="0" * 64)
    one.stamped.save("signed.pdf", ContentFile(b"%PDF-"))
    sent = PaperDelivery.objects.create(
        client=policy.client,
        policy=policy,
        way="courier",
        day=now.date(),
        created_at=now,
        changed_at=now,
        token=f"delivery-token-{policy.pk}",
        hour_from=10,
        hour_to=14,
    )
    return {
        "paper": made.pk, "paper_token": made.token, "sign_request": asked.pk, "sign_token": asked.token,
        "signed_document": made.pk, "paper_delivery": sent.pk, "delivery_token": sent.token,
    }  # fmt: skip


def paper_template(now: Any) -> int:
    values = {"kind": "policy", "language": "ru", "number": 1, "name": "Полис", "html": "<p>{{ number }}</p>"}
    made: int = PaperTemplate.objects.create(**values, created_at=now, changed_at=now, state="proposed").pk
    return made


def of_deals(cast: dict[str, Any], now: Any) -> dict[tuple[str, str], Pair]:
    load_funnels(now=now)
    funnel, script = Funnel.objects.get(code="kasko"), Script.objects.get(code="kasko-new")
    start = Start(origin=Deal.Origin.CLIENT)
    people = [cast["vera"], cast["boris_client"]]
    deals = [start_deal(actor=None, now=now, client=one, start=start, funnel=funnel).pk for one in people]
    advice = [Advice.objects.create(client=one, line="travel", advised_at=now).pk for one in people]
    stage, rule = funnel.stages.order_by("position")[1], AdviceRule.objects.order_by("pk")[0]
    return {
        ("deals", "deal_id"): Pair(*deals, INSIDE), ("advice", "advice_id"): Pair(*advice, INSIDE),
        ("funnels", "funnel_id"): Pair(funnel.pk), ("stages", "stage_id"): Pair(stage.pk), ("stages", "stage"): Pair(stage.pk),
        ("scripts", "script_id"): Pair(script.pk), ("advice", "rule_id"): Pair(rule.pk),
    }  # fmt: skip

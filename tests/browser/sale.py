"""The company of a sale: a request, deals, calculations, a referral, money, papers and a list that calls."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from clientela.demo.load_staff import PAYEE
from clientela.modules.accounts.models import User
from clientela.modules.billing import operations as billing
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.bonus_malus.models import Dispute, Lookup
from clientela.modules.book.operations import pages
from clientela.modules.claims.operations import open_claim
from clientela.modules.clients.models import Belonging, LifeEvent, Relation
from clientela.modules.contracts.models import Participant, Policy
from clientela.modules.contracts.operations import prepare_new
from clientela.modules.contracts.operations.versions import first_version
from clientela.modules.dialler.models import CallingList
from clientela.modules.dialler.operations.lists import load_shipped as load_lists
from clientela.modules.dialler.operations.requests import Request as Wish
from clientela.modules.dialler.operations.requests import request_calls
from clientela.modules.documents.models import Delivery, Document, Template
from clientela.modules.documents.operations import load_shipped as load_papers
from clientela.modules.products.models import Line, Product
from clientela.modules.quotes.operations import refer, start
from clientela.modules.quotes.operations.sending import make_page
from clientela.modules.rating.models import Table
from clientela.modules.rating.operations.shipped import load_shipped as load_tariffs
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import Incoming, receive
from clientela.modules.requests.operations.setting import create_intake
from clientela.modules.resolution.models import LinkModel
from clientela.modules.resolution.models import Pair as DuplicatePair
from clientela.modules.routing.models import Desk, WallScreen
from clientela.modules.routing.operations import note_seen
from clientela.modules.routing.operations.screens import digest_of
from clientela.modules.sales.models import Advice, Deal, Funnel, Script
from clientela.modules.sales.operations.deals import Start, start_deal
from clientela.modules.sales.operations.funnels import load_shipped as load_funnels
from clientela.modules.underwriting.models import Inspection, Referral, Shot

NAMES = ("Константинопольская", "Валиева", "Тихонова", "Яковлева-Миннегалиева")


@pytest.fixture
def sale(
    transactional_db: None, anna: User, lilia: User, administrator: User, product_manager: User, underwriter: User,
    vera: Any, make_client: Any, make_policy: Any, osago: Product, kasko: Product, settings: Any, tmp_path: Path,
    live_server: object,
) -> dict[str, Any]:  # fmt: skip
    """Anna sells; ``sale["deal"]`` and its like are what the addresses of the screens want."""
    settings.MEDIA_ROOT, settings.PUBLIC_URL = tmp_path / "media", str(live_server)
    settings.DEMO, settings.LOCAL_BANK = True, tmp_path / "bank.sqlite3"
    settings.ACQUIRERS = dict.fromkeys(["card", "sbp"], "clientela.integrations.local.bank.from_environment")
    now, today = timezone.now(), timezone.localdate()
    with transaction.atomic():
        load_tariffs(now=now)
        load_funnels(now=now)
        load_lists(now=now)
        load_papers(now=now)
    others = [
        make_client(
            anna.agent, name, "Вера", "Николаевна", phone=f"+7917000410{place}", birth_date=date(1980, 1, 2)
        )
        for place, name in enumerate(NAMES)
    ]
    policy, other = (
        _osago(make_policy, one, osago, number, today + timedelta(days=days))
        for one, number, days in ((vera, "ХХХ 0412773905", 17), (others[0], "ХХХ 0412773906", 9))
    )
    return {
        "client": vera.pk, "policy": policy.pk, "claim": _claim(anna, policy, today, now),
        **_requests(anna, lilia, kasko, now),
        **_deals(anna, [vera, *others], now),
        **_calculations(anna, policy, other, kasko, now),
        **_money(administrator, vera, policy, kasko, now),
        **_papers(anna, policy, now),
        **_household(vera, others, today, now),
        **_calling(anna, [vera, *others], today, now),
        **_book(kasko, now),
        "table": Table.objects.get(code="kasko.base").pk,
    }  # fmt: skip


def _book(kasko: Product, now: Any) -> dict[str, Any]:
    """A page with an entry of each kind."""
    who = {"actor": None, "now": now, "product": kasko}
    pages.change_page(**who, pitch="Ремонт у дилера, эвакуатор за наш счёт.", licence="СИ № 0000")
    pages.add_entry(**who, block="tariffs", title="С 1 декабря новый тариф", is_notice=True)
    pages.add_entry(**who, block="questions", title="Можно без осмотра?", body="Да, если прошёл месяц.")
    made = pages.add_entry(
        **who, block="tariffs", title="Скидки и франшизы", note="до −32 %", remark="с примерами",
        body="Франшиза делает цену ниже:\n\n- 15 000 ₽\n- 30 000 ₽", link="/products/",
        file=ContentFile(b"%PDF-1", name="Франшизы.pdf"),
    )  # fmt: skip
    return {"product": kasko.code, "book_entry": made.pk}


def _claim(anna: User, policy: Policy, today: date, now: Any) -> int:
    claim = open_claim(
        actor=anna, now=now, policy=policy, occurred_on=today - timedelta(days=2), kind="collision",
        place="Казань, Оренбургский тракт, 20", description="Задели на парковке, вмятина на двери.",
    )  # fmt: skip
    return claim.pk


def _osago(make_policy: Any, client: Any, osago: Product, number: str, end: date) -> Policy:
    """A term with a car of 123 hp and two drivers: what a price needs."""
    policy: Policy = make_policy(client, osago, number=number, end=end)
    assert policy.insured_object is not None
    policy.insured_object.power = Decimal(123)
    policy.insured_object.save()
    for who, name in ((client, client.name), (None, "Орлов Дмитрий Сергеевич")):
        Participant.objects.create(
            policy=policy, role="driver", client=who, name=name, birth_date=date(1980, 1, 2),
            experience_since=date(2012, 5, 20),
        )  # fmt: skip
    return policy


def _requests(anna: User, lilia: User, kasko: Product, now: Any) -> dict[str, Any]:
    branch = anna.agent.branch
    note_seen([anna.pk, lilia.pk], now=now)
    for person in (anna, lilia):
        Desk.objects.create(user=person, branch=branch, idle_since=now)
    values = {
        "name": "КАСКО", "title": "Рассчитать КАСКО", "branch": branch, "product": kasko,
        "fields": [
            {"label": "Машина", "kind": "text", "required": True}, {"label": "Почта", "kind": "email"},
            {"label": "Когда ответить", "kind": "choice", "choices": ["Днём", "Вечером"]},
        ],
    }  # fmt: skip
    form = create_intake(actor=None, now=now, key="kasko", values=values, consent="Согласен на звонок.")
    made: list[Request] = [
        receive(
            actor=None, now=now,
            incoming=Incoming(source=source, phone=f"+7987000631{place}", name="Миннуллина Резеда", branch=branch),
        )
        for place, source in enumerate(("web", "missed", "chat"))
    ]  # fmt: skip
    return {"request": made[0].pk, "intake": form.pk}


def _deals(anna: User, clients: list[Any], now: Any) -> dict[str, Any]:
    funnel = Funnel.objects.get(code="kasko")
    begun = Start(origin=Deal.Origin.CLIENT)
    deals = [start_deal(actor=anna, now=now, client=one, start=begun, funnel=funnel) for one in clients]
    Advice.objects.create(client=clients[0], line=Line.TRAVEL, advised_at=now)
    return {"deal": deals[0].pk, "funnel": "kasko", "script": Script.objects.get(code="kasko-new").pk}


def _calculations(anna: User, policy: Policy, other: Policy, kasko: Product, now: Any) -> dict[str, Any]:
    calculation = start(actor=anna, now=now, client=policy.client, product=policy.product, policy=policy)
    unpriced = start(actor=anna, now=now, client=other.client, product=kasko)
    make_page(actor=anna, now=now, calculation=calculation)
    sent = start(actor=anna, now=now, client=other.client, product=other.product, policy=other)
    refer(actor=anna, now=now, calculation=sent, note="Машина после кузовного ремонта")
    referral, _ = Referral.objects.get_or_create(calculation=sent, defaults={"created_at": now})
    inspection = Inspection.objects.create(
        referral=referral, token="photos-of-a-car", views=["front", "back", "vin"], asked_at=now
    )
    shot = Shot(inspection=inspection, view="front", size=1, taken_at=now)
    shot.file.save("front.jpg", ContentFile(PICTURE))
    calculation.refresh_from_db()
    return {
        "calculation": unpriced.pk, "sent": calculation.pk, "offer": calculation.token, "referral": referral.pk,
        "photos": inspection.token,
    }  # fmt: skip


# The smallest picture there is.
PICTURE = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)


def _money(administrator: User, vera: Any, policy: Policy, kasko: Product, now: Any) -> dict[str, Any]:
    billing.set_payee(actor=administrator, now=now, values=PAYEE)
    project = prepare_new(
        actor=None, now=now, client=vera, product=kasko, premium=Decimal(62950), sales_channel="web",
        start_date=now.date() + timedelta(days=9), end_date=now.date() + timedelta(days=373),
    )  # fmt: skip
    paid = Payment.objects.create(
        client=vera, policy=policy, amount=policy.premium, method="card", paid_at=now, created_at=now
    )
    Refund.objects.create(payment=paid, amount=Decimal(1240), reason="Продан", key="one", created_at=now)
    return {"pay": project.pay_token}


def _papers(anna: User, policy: Policy, now: Any) -> dict[str, Any]:
    paper = Document.objects.create(
        kind="policy", client=policy.client, policy=policy, version=first_version(policy), token="a-paper-of-vera",
        state="ready", created_at=now, created_by=anna,
    )  # fmt: skip
    paper.file.save("policy.pdf", ContentFile(b"%PDF-"))
    on_its_way = Delivery.objects.create(
        client=policy.client, policy=policy, way="courier", day=now.date(), hour_from=10, hour_to=14,
        token="a-delivery-to-vera", created_at=now, changed_at=now,
    )  # fmt: skip
    return {
        "paper": paper.token, "template": Template.objects.filter(kind="policy")[0].pk, "delivery": on_its_way.token
    }  # fmt: skip


def _household(vera: Any, others: list[Any], today: date, now: Any) -> dict[str, Any]:
    Relation.objects.create(client=vera, kind="child", name="Орлова Мария Дмитриевна", created_at=now)
    low, high = sorted((vera.pk, others[0].pk))
    DuplicatePair.objects.create(
        low_card=low, high_card=high, probability=0.93, weight=3.8, seen_by_job=1,
        terms=[["last", "maiden", -1.2], ["birth", "same", 8.4], ["phones", "same", 9.0]],
        model=LinkModel.objects.create(parameters={}, cards=2, made_at=now, is_active=True),
    )  # fmt: skip
    Belonging.objects.create(client=vera, kind="flat", title="Квартира на улице Баумана", created_at=now)
    LifeEvent.objects.create(client=vera, kind="car", on=today, created_at=now)
    lookup = Lookup.objects.create(
        driver_key="vera", on=today, last_name="Орлова", first_name="Вера", birth_date=date(1984, 4, 12), client=vera,
        state="known", klass="3", found_by="new", created_at=now,
    )  # fmt: skip
    dispute = Dispute.objects.create(
        client=vera,
        lookup=lookup,
        klass="3",
        claimed_klass="9",
        reason="Права менялись весной",
        created_at=now,
    )
    return {"dispute": dispute.pk}


def _calling(anna: User, clients: list[Any], today: date, now: Any) -> dict[str, Any]:
    request_calls(
        [
            Wish(
                client_id=one.pk, list="renewal", origin="test", origin_id=one.pk, ends_on=today + timedelta(days=10),
                until=now + timedelta(days=9),
            )
            for one in clients
        ],
        now=now,
    )  # fmt: skip
    WallScreen.objects.create(
        name="Казань", queue=f"branch:{anna.agent.branch_id}", digest=digest_of("wall-of-kazan"), made_by=anna, made_at=now
    )  # fmt: skip
    return {"calling": CallingList.objects.get(code="renewal").pk, "wall": "wall-of-kazan"}

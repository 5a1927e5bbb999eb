"""Two companies of the group, a text, and what they tell of some hundred clients: of those who agreed it is kept."""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Consent, Purpose
from clientela.modules.group.models import Fact, SisterCompany
from clientela.modules.group.operations.consents import CHANNEL
from clientela.modules.group.operations.setting import first_text, load_shipped
from clientela.modules.group.operations.taking import take_in
from clientela.modules.group.rules import Told
from clientela.modules.sales.operations.advice import advise_all

OWN, OTHERS = 140, 460
AGREED = 0.55
COMPANIES = (
    ("bereg", "Банк «Берег»", "bank", "Договор об обмене данными № 14-Д от 02.03.2026", 85, "data@bereg.example"),
    ("ustye", "Клиника «Устье»", "clinic", "Договор об обмене данными № 15-Д от 11.05.2026", 70, "data@ustye.example"),
)  # fmt: skip
SOURCES = ("офис, бумага", "по телефону, запись разговора", "own pages")


def write(now: datetime, seed: int) -> int:
    """Returns how many facts are kept."""
    rng = random.Random(f"group {seed}")
    load_shipped(now=now)
    companies = [_company(*one) for one in COMPANIES]
    document = first_text(now=now, companies=companies)
    people = _people(rng)
    Consent.objects.bulk_create([
        Consent(
            client=one, purpose=Purpose.GROUP_DATA, channel=CHANNEL, text_version=document.version,
            granted_at=now - timedelta(days=rng.randrange(3, 200)), source=rng.choice(SOURCES),
        )
        for one in people if rng.random() < AGREED
    ])  # fmt: skip
    today = local_today(settings.TIME_ZONE, now)
    kept = 0
    with transaction.atomic():
        for company in companies:
            told = [
                Told(
                    ref, today - timedelta(days=rng.randrange(1, 110)), _values(company.kind, rng),
                    name_key=one.name_key, birth_date=None if ref % 41 == 7 else one.birth_date,
                    phone=next(point.value for point in one.contact_points.all() if point.kind == "phone"), name=one.name,
                )
                for ref, one in enumerate(people)
                if rng.random() < 0.8
            ]  # fmt: skip
            kept += take_in(now=now, company=company, told=told, via=Fact.Via.API).facts
    advise_all(now=now)
    return kept


def _company(code: str, name: str, kind: str, contract: str, trust: int, email: str) -> SisterCompany:
    feeder = User.objects.filter(email=email).first() or User.objects.create_user(
        email, None, first_name="Программа", last_name=name, role=Role.SISTER
    )
    values = {
        "name": name,
        "kind": kind,
        "contract": contract,
        "trust": trust,
        "contact": email,
        "feeder": feeder,
    }
    return SisterCompany.objects.update_or_create(code=code, defaults=values)[0]


def _people(rng: random.Random) -> list[Client]:
    """Clients with a phone: many of the agent who is shown, others of everybody."""
    rows = Client.objects.filter(
        kind="person", do_not_contact=False, contact_points__kind="phone", birth_date__isnull=False
    )
    rows = rows.distinct().prefetch_related("contact_points").order_by("pk")
    own = list(rows.filter(agent__user__email__startswith="a.sokolova")[:OWN])
    ids = list(rows.exclude(pk__in=[one.pk for one in own]).values_list("pk", flat=True)[: OTHERS * 20])
    return own + list(rows.filter(pk__in=rng.sample(ids, min(len(ids), OTHERS))))


def _values(kind: str, rng: random.Random) -> dict[str, str]:
    if kind == "clinic":
        family = rng.choice((0, 0, 1, 2, 3))
        return {"clinic_attached": "yes", "family_attached": str(family)}
    if rng.random() < 0.45:
        debt = 100_000 * rng.randrange(8, 62)
        return {
            "mortgage": "yes",
            "mortgage_debt": str(debt),
            "mortgage_until": f"{rng.randrange(2031, 2049)}-04-01",
        }
    return {"salary_client": rng.choice(("yes", "no")), "car_loan": rng.choice(("yes", "no"))}

"""The named cast: a small company that every test knows.

Казань: Анна and Тимур's team, supported by the renewal centre «Поволжье». Ульяновск: Борис, no centre.
Вера is Anna's client; ``boris_client`` is out of sight of everybody in Казань and of the centre.
A member of staff is a ``User``; an agent's own card is ``anna.agent``.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from clientela.foundation.dates import add_years
from clientela.foundation.identifiers import policy_number_key
from clientela.foundation.names import full_name_key
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contacts.operations import StoringInbox
from clientela.modules.contacts.ports import IncomingMessage
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.organisation.models import Agent, Branch, Placement, RenewalCentre, Team
from clientela.modules.products.models import Line, Product
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.workspace.navigation import forget_counts

PASSWORD = "prichal-2026-secret"
MOSCOW = ZoneInfo("Europe/Moscow")
VERAS_PHONE = "+79170004108"
LONG_AGO = datetime(2024, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Counts, rate limits and locks of one test are nothing to the next."""
    yield
    cache.clear()
    forget_counts()


@pytest.fixture
def now() -> datetime:
    """Wednesday, the 18th of November 2026, 10:42 in Moscow."""
    return datetime(2026, 11, 18, 10, 42, tzinfo=MOSCOW)


@pytest.fixture
def kazan(db: None) -> Branch:
    return Branch.objects.create(
        code="kazan", name="Казань", region_code="RU-TA", city="Казань", time_zone="Europe/Moscow",
        phone="+78432000900", regions=["RU-TA"],
    )  # fmt: skip


@pytest.fixture
def ulyanovsk(db: None) -> Branch:
    return Branch.objects.create(
        code="ulyanovsk", name="Ульяновск", region_code="RU-ULY", city="Ульяновск",
        time_zone="Europe/Ulyanovsk", phone="+78422000900", regions=["RU-ULY"],
    )  # fmt: skip


@pytest.fixture
def volga(kazan: Branch) -> RenewalCentre:
    """The renewal centre «Поволжье»: it supports Казань."""
    centre = RenewalCentre.objects.create(
        code="volga", name="Поволжье", phone="+78462000999", time_zone="Europe/Samara"
    )
    centre.branches.add(kazan)
    return centre


@pytest.fixture
def kazan_team(kazan: Branch) -> Team:
    return Team.objects.create(branch=kazan, name="Казань, правый берег")


@pytest.fixture
def ulyanovsk_team(ulyanovsk: Branch) -> Team:
    return Team.objects.create(branch=ulyanovsk, name="Ульяновск, центр")


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """``make_user(Role.AGENT, "Анна", "Соколова", email=…)``; the password is ``PASSWORD``."""

    def make(role: str, first: str, last: str, **fields: Any) -> User:
        email = fields.pop("email", f"{role}.{User.objects.count() + 1}@prichal.example")
        return User.objects.create_user(
            email, PASSWORD, first_name=first, last_name=last, role=role, **fields
        )

    return make


@pytest.fixture
def anna(make_user: Callable[..., User], kazan: Branch, kazan_team: Team, volga: RenewalCentre) -> User:
    """Agent in Казань, supported by the centre; ``anna.agent`` is the card clients see."""
    user = make_user(Role.AGENT, "Анна", "Соколова", email="a.sokolova@prichal.example")
    Agent.objects.create(
        user=user, code="AG-001", last_name="Соколова", first_name="Анна", middle_name="Игоревна",
        phone="+79172000101", email="a.sokolova@prichal.example", branch=kazan, team=kazan_team, centre=volga,
        agreement_number="АГД-16/0101", agreement_date=date(2021, 3, 1),
    )  # fmt: skip
    return user


@pytest.fixture
def boris(make_user: Callable[..., User], ulyanovsk: Branch, ulyanovsk_team: Team) -> User:
    """Agent of another branch, supported by no centre."""
    user = make_user(
        Role.AGENT, "Борис", "Ершов", email="b.ershov@prichal.example", time_zone="Europe/Ulyanovsk"
    )
    Agent.objects.create(
        user=user, code="AG-002", last_name="Ершов", first_name="Борис", middle_name="Львович",
        phone="+79172000202", email="b.ershov@prichal.example", branch=ulyanovsk, team=ulyanovsk_team,
        agreement_number="АГД-73/0202", agreement_date=date(2022, 9, 15),
    )  # fmt: skip
    return user


@pytest.fixture
def team_lead(make_user: Callable[..., User], kazan: Branch, kazan_team: Team) -> User:
    user = make_user(Role.TEAM_LEAD, "Тимур", "Галиев", email="t.galiev@prichal.example")
    Placement.objects.create(user=user, branch=kazan, team=kazan_team)
    return user


@pytest.fixture
def branch_head(make_user: Callable[..., User], kazan: Branch) -> User:
    user = make_user(Role.BRANCH_HEAD, "Ирина", "Власова", email="i.vlasova@prichal.example")
    Placement.objects.create(user=user, branch=kazan)
    return user


@pytest.fixture
def centre_operator(make_user: Callable[..., User], volga: RenewalCentre) -> User:
    user = make_user(Role.CENTRE_OPERATOR, "Олег", "Панин", email="o.panin@prichal.example")
    Placement.objects.create(user=user, centre=volga)
    return user


@pytest.fixture
def renewals_manager(make_user: Callable[..., User]) -> User:
    return make_user(Role.RENEWALS_MANAGER, "Марина", "Белова", email="m.belova@prichal.example")


@pytest.fixture
def marketer(make_user: Callable[..., User]) -> User:
    return make_user(Role.MARKETER, "Павел", "Дёмин", email="p.demin@prichal.example")


@pytest.fixture
def quality(make_user: Callable[..., User]) -> User:
    return make_user(Role.QUALITY, "Юлия", "Котова", email="y.kotova@prichal.example")


@pytest.fixture
def product_manager(make_user: Callable[..., User]) -> User:
    return make_user(Role.PRODUCT_MANAGER, "Тимур", "Ахметов", email="t.ahmetov@prichal.example")


@pytest.fixture
def underwriter(make_user: Callable[..., User]) -> User:
    return make_user(Role.UNDERWRITER, "Глеб", "Зорин", email="g.zorin@prichal.example")


@pytest.fixture
def adjuster(make_user: Callable[..., User], kazan: Branch) -> User:
    """Works on claims of Казань."""
    user = make_user(Role.ADJUSTER, "Виктор", "Рогов", email="v.rogov@prichal.example")
    Placement.objects.create(user=user, branch=kazan)
    return user


@pytest.fixture
def administrator(make_user: Callable[..., User]) -> User:
    return make_user(Role.ADMINISTRATOR, "Денис", "Карпов", email="d.karpov@prichal.example")


@pytest.fixture
def auditor(make_user: Callable[..., User]) -> User:
    return make_user(Role.AUDITOR, "Лидия", "Рощина", email="l.roshchina@prichal.example")


@pytest.fixture
def make_client(db: None) -> Callable[..., Client]:
    """``make_client(agent, "Орлова", "Вера", "Николаевна", phone=…, email=…, **fields)``, with its consents."""

    def make(agent: Agent, last: str, first: str = "", middle: str = "", **fields: Any) -> Client:
        phone, email = fields.pop("phone", ""), fields.pop("email", "")
        values = {
            "agent": agent, "branch": agent.branch, "centre": agent.centre, "time_zone": agent.branch.time_zone,
            "region_code": agent.branch.region_code, "city": agent.branch.city,
            "created_at": LONG_AGO, "updated_at": LONG_AGO,
        } | fields  # fmt: skip
        client = Client.objects.create(
            last_name=last, first_name=first, middle_name=middle,
            name_key=full_name_key(last, first, middle), **values,
        )  # fmt: skip
        for kind, value in (("phone", phone), ("email", email)):
            if value:
                ContactPoint.objects.create(
                    client=client, kind=kind, value=value, tail=value[-7:] if kind == "phone" else "",
                    is_primary=True, verified_at=LONG_AGO, created_at=LONG_AGO,
                )  # fmt: skip
        for channel in ("sms", "email", "call"):
            Consent.objects.create(
                client=client, purpose="service", channel=channel, granted_at=LONG_AGO, source="agreement"
            )
        return client

    return make


@pytest.fixture
def vera(make_client: Callable[..., Client], anna: User) -> Client:
    """Anna's client: Орлова Вера Николаевна, with a phone, an e-mail and service consents."""
    return make_client(
        anna.agent, "Орлова", "Вера", "Николаевна", sex="f", birth_date=date(1984, 4, 12),
        phone=VERAS_PHONE, email="vera.orlova@mail.example",
    )  # fmt: skip


@pytest.fixture
def boris_client(make_client: Callable[..., Client], boris: User) -> Client:
    """A client of Boris: foreign to Казань."""
    return make_client(
        boris.agent, "Зимин", "Глеб", "Петрович", sex="m", birth_date=date(1979, 8, 30),
        phone="+79020007301", email="gleb.zimin@mail.example",
    )  # fmt: skip


@pytest.fixture
def osago(db: None) -> Product:
    values = {"line": Line.OSAGO, "name": "ОСАГО", "name_en": "OSAGO", "message_name": "ОСАГО"}
    return Product.objects.get_or_create(code="osago", defaults=values)[0]


@pytest.fixture
def kasko(db: None) -> Product:
    values = {"line": Line.KASKO, "name": "КАСКО", "name_en": "KASKO", "message_name": "КАСКО"}
    return Product.objects.get_or_create(code="kasko", defaults=values)[0]


@pytest.fixture
def make_policy(db: None) -> Callable[..., Policy]:
    """``make_policy(client, product, number="…", end=date, **fields)``: a yearly term with a vehicle."""

    def make(client: Client, product: Product, *, number: str, end: date, **fields: Any) -> Policy:
        if "insured_object" not in fields:
            fields["insured_object"] = InsuredObject.objects.create(
                client=client, kind=InsuredObject.Kind.VEHICLE, title="Hyundai Creta, 2021",
                plate="Р418ТО116", make="Hyundai", model="Creta", year=2021,
            )  # fmt: skip
        values = {
            "agent": client.agent, "branch": client.branch, "centre": client.centre,
            "start_date": add_years(end, -1), "premium": Decimal("8533.99"),
            "created_at": LONG_AGO, "updated_at": LONG_AGO, "issued_at": LONG_AGO,
        } | fields  # fmt: skip
        return Policy.objects.create(
            client=client, product=product, number=number,
            number_key=policy_number_key(number), end_date=end, **values,
        )  # fmt: skip

    return make


@pytest.fixture
def make_renewal(db: None, now: datetime) -> Callable[..., Renewal]:
    """The expiring term of a policy as the planner opens it, every channel but VK reachable."""

    def make(policy: Policy, **fields: Any) -> Renewal:
        values = {
            "client": policy.client, "agent": policy.agent, "branch": policy.branch, "centre": policy.centre,
            "product": policy.product, "bank": policy.bank, "line": policy.product.line,
            "end_date": policy.end_date, "renewal_year": policy.renewal_year + 1,
            "time_zone": policy.client.time_zone, "premium": policy.premium, "reach": 1 | 2 | 8,
            "opened_at": now, "updated_at": now,
        } | fields  # fmt: skip
        return Renewal.objects.create(policy=policy, **values)

    return make


@pytest.fixture
def vera_policy(make_policy: Callable[..., Policy], vera: Client, osago: Product) -> Policy:
    """Вера's OSAGO, seventeen days before its end at ``now``."""
    return make_policy(vera, osago, number="ХХХ 0412773905", end=date(2026, 12, 5))


@pytest.fixture
def boris_policy(make_policy: Callable[..., Policy], boris_client: Client, osago: Product) -> Policy:
    return make_policy(boris_client, osago, number="ХХХ 0412779999", end=date(2026, 12, 5))


@pytest.fixture
def vera_renewal(make_renewal: Callable[..., Renewal], vera_policy: Policy) -> Renewal:
    return make_renewal(vera_policy)


@pytest.fixture
def boris_renewal(make_renewal: Callable[..., Renewal], boris_policy: Policy) -> Renewal:
    return make_renewal(boris_policy)


@pytest.fixture
def lilia(make_user: Callable[..., User], kazan: Branch, kazan_team: Team) -> User:
    """Another agent of Anna's team."""
    user = make_user(Role.AGENT, "Лилия", "Закирова", email="l.zakirova@prichal.example")
    Agent.objects.create(
        user=user, code="AG-003", last_name="Закирова", first_name="Лилия", phone="+79172000303", branch=kazan,
        team=kazan_team,
    )  # fmt: skip
    return user


@pytest.fixture
def sign_in(db: None) -> Callable[[User], Browser]:
    """``sign_in(anna)`` is a browser in which this person is signed in."""

    def sign(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user)
        return browser

    return sign


@pytest.fixture
def shipped(db: None, now: datetime) -> None:
    """The two published schedules, in force since the year began."""
    load_shipped(now=now, active_from=date(2026, 1, 1))


@pytest.fixture
def write_in(db: None, now: datetime) -> Callable[..., Message]:
    """``write_in("Спасибо", sender="+79170004108", channel="sms", at=…)``: a client's message comes in, at ``now``."""

    def write(
        text: str = "Сколько стоит?",
        sender: str = VERAS_PHONE,
        channel: Any = "sms",
        at: datetime = now,
        **fields: Any,
    ) -> Message:
        message = IncomingMessage(
            channel=channel, external_id=f"{channel}-{sender}-{text}-{at}", from_address=sender, to_address="PRICHAL",
            text=text, at=at, **fields,
        )  # fmt: skip
        StoringInbox(channel, clock=lambda: at).incoming([message])
        return Message.objects.latest("id")

    return write

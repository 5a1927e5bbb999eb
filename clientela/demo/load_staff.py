"""Writing branches, centres, teams, agents, staff, products and banks."""

import random
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password

from clientela.demo.numbers import MORTGAGE, NUMBER_FORMATS
from clientela.demo.organisation import BRANCHES, CENTRES, PASSWORD, BranchFacts
from clientela.demo.phones import company_phone
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.billing.models import Payee
from clientela.modules.organisation.models import Absence, Agent, Branch, Placement, RenewalCentre, Team
from clientela.modules.products.models import Bank, Line, Product

if TYPE_CHECKING:
    from clientela.demo.load import DemoCompany

# code → line, name, English name, name in messages
PRODUCTS = {
    "kasko": (Line.KASKO, "КАСКО", "KASKO", "КАСКО"),
    "osago": (Line.OSAGO, "ОСАГО", "OSAGO", "ОСАГО"),
    "305": (Line.PROPERTY, "Имущество: квартира и дом", "Property: flat and house", "страхования имущества"),
    "354": (Line.PROPERTY, "Имущество экспресс", "Property express", "страхования имущества"),
    MORTGAGE: (Line.MORTGAGE, "Ипотека", "Mortgage", "ипотечного страхования"),
}
BANKS = {"sber": "Сбер", "vtb": "ВТБ", "alfa": "Альфа-Банк", "dom": "Банк ДОМ.РФ", "gazprombank": "Газпромбанк",
         "other": "Другой банк"}  # fmt: skip
# The check digits are right; no such company is known.
PAYEE = {
    "name": "АО «Причал Страхование»", "inn": "7827004526", "kpp": "782701001", "account": "40702810900000002851",
    "bank_name": "АО «Банк Гавань»", "bic": "044030827", "correspondent_account": "30101810200000000827",
    "ogrn": "1027800000084", "address": "191000, Санкт-Петербург, Гаванская наб., 1",
    "licences": "СЛ № 0000, СИ № 0000 и ОС № 0000-03 от 14.05.2021",
}  # fmt: skip


def write(company: "DemoCompany") -> None:
    """Everything that clients and policies refer to; products and banks that are there already stay."""
    branches = {facts.code: _branch(number, facts) for number, facts in enumerate(BRANCHES)}
    company.branches = [branch.pk for branch in branches.values()]
    centres = {}
    for number, (code, name, zone, served) in enumerate(CENTRES):
        centre = RenewalCentre.objects.create(
            code=code, name=name, phone=company_phone(100 + number), time_zone=zone
        )
        centre.branches.set([branches[branch] for branch in served])
        centres[code] = centre
        for branch in served:
            company.centres[list(branches).index(branch)] = centre.pk
    teams = {
        (facts.code, name): Team.objects.create(branch=branches[facts.code], name=name)
        for facts in BRANCHES
        for name in facts.teams
    }
    password = make_password(PASSWORD)
    _agents(company, teams, password)
    _staff(company, branches, teams, centres, password)
    _absences(company)
    _products(company)
    Payee.objects.get_or_create(pk=1, defaults=PAYEE | {"changed_at": company.now})


def _branch(number: int, facts: BranchFacts) -> Branch:
    return Branch.objects.create(
        code=facts.code, name=facts.name, region_code=facts.regions[0], city=facts.city, time_zone=facts.zone,
        phone=company_phone(number), regions=list(facts.regions),
    )  # fmt: skip


def _agents(company: "DemoCompany", teams: dict[tuple[str, str], Team], password: str) -> None:
    agents = company.staff.agents
    users = User.objects.bulk_create(
        User(
            email=agent.email, first_name=agent.first, last_name=agent.last, middle_name=agent.middle,
            role=Role.AGENT, time_zone=BRANCHES[agent.branch].zone, password=password, is_active=agent.active,
        )
        for agent in agents
    )  # fmt: skip
    rows = Agent.objects.bulk_create(
        Agent(
            user=user, code=f"A{number:05d}", kind=agent.kind, last_name=agent.last, first_name=agent.first,
            middle_name=agent.middle, phone=agent.phone, email=agent.email, branch_id=company.branches[agent.branch],
            team=teams[BRANCHES[agent.branch].code, agent.team], centre_id=company.centre_of(number),
            agreement_number=agent.agreement, agreement_date=agent.agreed_on, legal_status=agent.status,
            specialisations=list(agent.specialisations), territories=_territories(number, agent.branch), is_active=agent.active,
            contacts_confirmed_at=_noon(company, agent.confirmed_days_ago),
        )
        for number, (agent, user) in enumerate(zip(agents, users, strict=True))
    )  # fmt: skip
    company.agents = [row.pk for row in rows]
    company.users = [user.pk for user in users]


def _territories(number: int, branch: int) -> list[str]:
    """Every other agent of a branch of several regions works in one of them, the others in all."""
    regions = BRANCHES[branch].regions
    return [regions[number % len(regions)]] if len(regions) > 1 and number % 2 else []


def _noon(company: "DemoCompany", days: int) -> datetime:
    return datetime.combine(company.today - timedelta(days=days + 1), time(9), tzinfo=UTC)


def _staff(
    company: "DemoCompany", branches: dict[str, Branch], teams: dict[tuple[str, str], Team],
    centres: dict[str, RenewalCentre], password: str,
) -> None:  # fmt: skip
    members = company.staff.members
    users = User.objects.bulk_create(
        User(
            email=member.email, first_name=member.first, last_name=member.last, middle_name=member.middle,
            role=member.role, time_zone=member.zone, password=password,
        )
        for member in members
    )  # fmt: skip
    Placement.objects.bulk_create(
        Placement(
            user=user,
            branch=branches[member.branch] if member.branch else None,
            team=teams[member.branch, member.team] if member.branch and member.team else None,
            centre=centres[member.centre] if member.centre else None,
        )
        for user, member in zip(users, members, strict=True)
    )


def _absences(company: "DemoCompany") -> None:
    """In every third team one is away today and one lately or soon; one absence lends the substitute's phone."""
    rng = random.Random(f"absences {company.seed}")
    working = Agent.objects.filter(is_active=True, user__is_active=True, kind=Agent.Kind.AGENT).order_by("id")
    teams: dict[int | None, list[Agent]] = {}
    for agent in working.select_related("user"):
        teams.setdefault(agent.team_id, []).append(agent)
    kinds = [Absence.Kind.LEAVE, Absence.Kind.LEAVE, Absence.Kind.SICK, Absence.Kind.OTHER]
    rows = []
    for number, agents in enumerate([team for team in teams.values() if len(team) > 3][::3]):
        # The named agents of the screens stand first and stay at work: one of them is the substitute.
        substitute, away = agents[0], agents[-2:]
        first = company.today - timedelta(days=rng.randrange(1, 5))
        for place, agent in enumerate(away):
            begins = first if place == 0 else first + timedelta(days=rng.choice([-21, 16]))
            kind = rng.choice(kinds)
            rows.append(
                Absence(
                    person=agent.user, substitute=substitute.user, first_day=begins, kind=kind,
                    last_day=begins + timedelta(days=13 if kind == Absence.Kind.LEAVE else 6),
                    shows_phone=number == 0, created_at=company.now,
                )
            )  # fmt: skip
    Absence.objects.bulk_create(rows)


def _products(company: "DemoCompany") -> None:
    for code, (line, name, name_en, message_name) in PRODUCTS.items():
        values = {"line": line, "name": name, "name_en": name_en, "message_name": message_name}
        numbering = {"number_format": NUMBER_FORMATS[code], "next_serial": company.next_serials[code]}
        product, created = Product.objects.get_or_create(code=code, defaults=values | numbering)
        if not created:
            Product.objects.filter(pk=product.pk).update(**numbering)
        company.products[code] = product.pk
    for code, name in BANKS.items():
        company.banks[code] = Bank.objects.get_or_create(code=code, defaults={"name": name})[0].pk

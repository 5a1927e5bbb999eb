"""Writing clients with their contact points, addresses, documents, consents and notes."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from clientela.demo.bulk import write_rows
from clientela.demo.people import Person
from clientela.foundation.names import full_name_key, name_key
from clientela.modules.clients.models import (
    Address,
    Client,
    ContactPerson,
    ContactPoint,
    HoldingLink,
    IdentityDocument,
    Note,
)
from clientela.modules.clients.rules import completeness
from clientela.modules.contacts.models import Consent

if TYPE_CHECKING:
    from clientela.demo.load import DemoCompany

TEXT_VERSION = "2026-01"
CONFIRMED_SHARE = 0.62
OWN_HOURS_SHARE = 0.04
NOTE_SHARE = 0.03
HOLDINGS = 12
WITHDRAWN_SHARE = 0.4
NOTES = (
    "Любит короткие звонки, расчёт просит письмом.", "Просит звонить после 18:00, днём на смене.",
    "Планирует менять машину весной.", "Рассрочку по КАСКО выбирает всегда.", "Сын получает права летом, спросить про ОСАГО.",
    "Сравнивает цены, важен размер франшизы.", "Переехал, адрес уточнить при встрече.", "Рекомендовал нас соседу.",
    "Недоволен сроками ремонта, поговорить лично.", "Документы присылает в мессенджер.",
)  # fmt: skip


def write_clients(company: "DemoCompany") -> int:
    columns = (
        "id", "kind", "last_name", "first_name", "middle_name", "company_name", "name_key", "birth_date", "sex", "inn",
        "kpp", "ogrn", "snils", "bank_bic", "bank_account", "agent_id", "branch_id", "centre_id", "region_code", "city",
        "time_zone", "contact_from", "do_not_contact", "do_not_contact_reason", "is_key", "completeness",
        "data_confirmed_at", "created_at", "updated_at",
    )  # fmt: skip
    return write_rows(Client, columns, _clients(company))


def _clients(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    rng = company.rng
    agents = company.portfolio.agent_of
    for place, person in enumerate(company.people):
        agent = agents[place]
        born_here = company.moment - timedelta(days=rng.randrange(30, 2600), minutes=rng.randrange(900))
        confirmed = (
            company.moment - timedelta(days=int(rng.random() ** 1.4 * 700))
            if rng.random() < CONFIRMED_SHARE
            else None
        )
        key = (
            name_key(person.company)
            if person.company
            else full_name_key(person.last, person.first, person.middle)
        )
        yield (
            company.client_id(place), "company" if person.company else "person", person.last, person.first, person.middle,
            person.company, key, person.born, person.sex, person.inn, person.kpp, person.ogrn, person.snils, person.bic,
            person.account, company.agents[agent] if agent >= 0 else None, company.branches[person.branch],
            company.centre_of(agent), person.region, person.city, person.zone,
            time(11) if rng.random() < OWN_HOURS_SHARE else None, person.do_not_contact,
            "Просил не беспокоить" if person.do_not_contact else "", rng.random() < 0.01, _completeness(person),
            confirmed, born_here, max(born_here, confirmed or born_here),
        )  # fmt: skip


def _completeness(person: Person) -> int:
    working = {point.kind for point in person.points if not point.bad and not point.do_not_use}
    common = {"phone": "phone" in working, "email": "email" in working, "address": True}
    if person.company:
        common |= {"company_name": True, "inn": True, "ogrn": True, "contact_person": True}
        return completeness("company", common).percent
    common |= {"first_name": True, "birth_date": True, "sex": True, "document": bool(person.passport)}
    return completeness("person", common).percent


def write_points(company: "DemoCompany") -> int:
    columns = ("client_id", "kind", "value", "tail", "is_primary", "verified_at", "do_not_use", "bad_since", "bad_reason",
               "source", "created_at")  # fmt: skip
    return write_rows(ContactPoint, columns, _points(company))


def _points(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    rng, now = company.rng, company.moment
    for place, person in enumerate(company.people):
        for point in person.points:
            age = timedelta(days=rng.randrange(20, 1800))
            verified = now - age / 2 if rng.random() < 0.55 and not point.bad else None
            yield (
                company.client_id(place), point.kind, point.value, point.value[-7:] if point.kind == "phone" else "",
                point.primary, verified, point.do_not_use, now - age / 3 if point.bad else None, point.bad,
                "agent", now - age,
            )  # fmt: skip


def write_addresses(company: "DemoCompany") -> int:
    columns = ("client_id", "kind", "region_code", "city", "street", "postal_code", "time_zone", "is_primary")
    rows = (
        (company.client_id(place), "registered" if person.company else "living", person.region, person.city,
         person.street, person.postal_code, person.zone, True)
        for place, person in enumerate(company.people)
    )  # fmt: skip
    return write_rows(Address, columns, rows)


def write_documents(company: "DemoCompany") -> int:
    columns = ("client_id", "kind", "number", "issued_on", "valid_until")
    return write_rows(IdentityDocument, columns, _documents(company))


def _documents(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    for place, person in enumerate(company.people):
        if person.passport and person.born:
            yield company.client_id(place), "passport", person.passport, None, None
        if person.licence and person.licence_since:
            year = 2000 + int(person.licence[2:4])
            issued = person.licence_since.replace(year=year, day=min(person.licence_since.day, 28))
            yield company.client_id(place), "licence", person.licence, issued, issued.replace(year=year + 10)


def write_contact_persons(company: "DemoCompany") -> int:
    columns = ("company_id", "name", "position", "phone", "email")
    rows = (
        (company.client_id(place), person.contact_person, company.rng.choice(("Директор", "Главный бухгалтер", "Механик")),
         next((point.value for point in person.points if point.kind == "phone"), ""),
         next((point.value for point in person.points if point.kind == "email"), ""))
        for place, person in enumerate(company.people) if person.company
    )  # fmt: skip
    return write_rows(ContactPerson, columns, rows)


def write_consents(company: "DemoCompany") -> int:
    columns = (
        "client_id",
        "purpose",
        "channel",
        "granted_at",
        "withdrawn_at",
        "text_version",
        "source",
        "withdrawn_via",
    )
    return write_rows(Consent, columns, _consents(company))


def _consents(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    rng, now = company.rng, company.moment
    for place, person in enumerate(company.people):
        client = company.client_id(place)
        given = now - timedelta(days=rng.randrange(60, 900), minutes=rng.randrange(600))
        for channel in person.consents:
            yield client, "service", channel, given, None, TEXT_VERSION, "agreement", ""
        for channel in person.refused:
            if rng.random() < WITHDRAWN_SHARE:
                gone = given + timedelta(days=rng.randrange(5, 55))
                yield client, "service", channel, given, gone, TEXT_VERSION, "agreement", "sms"
        if person.advertising:
            for channel in person.consents[:2]:
                yield client, "advertising", channel, given, None, TEXT_VERSION, "agreement", ""


def write_notes(company: "DemoCompany") -> int:
    return write_rows(Note, ("client_id", "text", "author_id", "created_at"), _notes(company))


def _notes(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    rng = company.rng
    for place, agent in enumerate(company.portfolio.agent_of):
        if agent >= 0 and rng.random() < NOTE_SHARE:
            at = datetime.combine(company.today, time(7)) - timedelta(
                days=rng.randrange(1, 300), minutes=rng.randrange(500)
            )
            yield company.client_id(place), rng.choice(NOTES), company.users[agent], at


def write_holdings(company: "DemoCompany") -> int:
    """Some sellers have a holding among their companies: a head, two daughters, and one below a daughter."""
    of_agent: dict[int, list[int]] = {}
    for place, (person, agent) in enumerate(zip(company.people, company.portfolio.agent_of, strict=False)):
        if person.company and agent >= 0:
            of_agent.setdefault(agent, []).append(company.client_id(place))
    groups = [ids[:4] for _, ids in sorted(of_agent.items()) if len(ids) > 3][:HOLDINGS]
    links = [
        HoldingLink(company_id=child, parent_id=parent, root_id=head)
        for head, first, second, third in groups
        for child, parent in ((first, head), (second, head), (third, first))
    ]
    return len(HoldingLink.objects.bulk_create(links))


STEPS = {
    "clients": write_clients,
    "contact points": write_points,
    "addresses": write_addresses,
    "identity documents": write_documents,
    "contact persons": write_contact_persons,
    "consents": write_consents,
    "notes": write_notes,
    "ties of holdings": write_holdings,
}

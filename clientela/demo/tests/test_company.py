"""The company in memory: same seed, same company; people, sellers and contracts fit together."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from clientela.demo.load import DemoCompany, make_company
from clientela.demo.organisation import BRANCHES
from clientela.demo.people import POSTAL
from clientela.foundation import identifiers as ids
from clientela.foundation.regions import BY_CODE

TODAY = date(2026, 11, 18)


@pytest.fixture(scope="module")
def company() -> DemoCompany:
    return make_company(clients=6000, seed=7, today=TODAY, agents=60)


def test_the_same_seed_gives_the_same_company():
    one, two = (make_company(clients=300, seed=5, today=TODAY, agents=20) for _ in range(2))
    assert one.people == two.people
    assert one.staff == two.staff
    assert one.portfolio == two.portfolio
    other = make_company(clients=300, seed=6, today=TODAY, agents=20)
    assert other.people != one.people


def test_people_live_where_their_branch_serves(company):
    assert len(company.people) == 6000
    for person in company.people:
        assert person.region in BRANCHES[person.branch].regions
        assert person.zone in BY_CODE[person.region].zones or person.region == "RU-SAK"
        assert person.postal_code.startswith(str(POSTAL[person.region]))


def test_documents_and_requisites_are_valid(company):
    companies = [person for person in company.people if person.company]
    assert 0.02 < len(companies) / len(company.people) < 0.04
    for person in companies:
        assert ids.is_valid_inn_company(person.inn)
        assert ids.is_valid_ogrn(person.ogrn)
        assert ids.is_valid_kpp(person.kpp)
        assert ids.is_valid_account(person.account, person.bic)
    for person in company.people:
        if not person.company:
            assert ids.is_valid_passport(person.passport)
            assert not person.licence or ids.is_valid_driving_licence(person.licence)
            assert not person.inn or ids.is_valid_inn_person(person.inn)
            assert not person.snils or ids.is_valid_snils(person.snils)


def test_nobody_can_be_reached(company):
    for person in company.people:
        for point in person.points:
            if point.kind == "phone":
                assert point.value[2:5] in {"907", "935", "972", "973", "974", "975", "976"}
            if point.kind == "email":
                assert point.value.endswith(".example")
                assert point.value.isascii()
            if point.kind == "vk":
                assert int(point.value) > 2_000_000_000
    assert all(agent.email.endswith("@prichal.example") for agent in company.staff.agents)


def test_families_share_surname_address_agent_and_sometimes_a_phone(company):
    families = defaultdict(list)
    for place, person in enumerate(company.people):
        families[person.household].append(place)
    shared = 0
    for places in families.values():
        people = [company.people[place] for place in places]
        assert len({person.street for person in people}) == 1
        assert len({company.portfolio.agent_of[place] for place in places}) == 1
        assert len({person.last.rstrip("а")[:3] for person in people}) == 1
        phones = [point.value for person in people for point in person.points if point.kind == "phone"]
        shared += len(phones) != len(set(phones))
    assert shared > 50


def test_agents_have_different_cards(company):
    agents = company.staff.agents
    assert len(agents) == 60
    assert (agents[0].last, agents[0].first, agents[0].agreement) == ("Соколова", "Анна", "16-00482")
    for name in ("agreement", "phone", "email"):
        assert len({getattr(agent, name) for agent in agents}) == 60
    assert {agent.status for agent in agents} == {"individual", "self_employed", "entrepreneur", "company"}
    assert 0.45 < sum(agent.supported for agent in agents) / 60 < 0.75
    roles = {member.role for member in company.staff.members}
    assert roles == {"team_lead", "branch_head", "centre_operator", "renewals_manager", "marketer", "quality", "product_manager", "underwriter",
                     "adjuster", "administrator", "auditor"}  # fmt: skip


def test_terms_follow_each_other_without_a_gap(company):
    terms = company.portfolio.terms
    keys = set()
    for term in terms:
        assert term.start <= term.end
        keys.add((ids.policy_number_key(term.number), term.start))
        if term.previous >= 0:
            old = terms[term.previous]
            assert term.start == old.end + timedelta(days=1)
            assert (term.client, term.agent, term.thing, term.product) == (
                old.client, old.agent, old.thing, old.product
            )  # fmt: skip
            assert term.year == old.year + 1
        else:
            assert term.year == 0
        if term.package >= 0:
            main = terms[term.package]
            assert (main.product, term.product) == ("kasko", "osago")
            assert (main.start, main.end, main.thing) == (term.start, term.end, term.thing)
    assert len(keys) == len(terms)
    assert {term.product for term in terms} == {"kasko", "osago", "305", "354", "555"}
    assert all((term.bank != "") == (term.product == "555") for term in terms)


def test_one_vehicle_is_not_insured_twice_at_once(company):
    lives = defaultdict(list)
    for term in company.portfolio.terms:
        lives[term.thing, term.product].append((term.start, term.end))
    for spans in lives.values():
        spans.sort()
        assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_most_coming_days_have_terms_of_every_product_that_nothing_stops(company):
    book = company.portfolio
    days = defaultdict(set)
    for index in book.clean:
        term = book.terms[index]
        if term.package < 0:
            days[term.product, term.bank == "sber", term.year == 0].add((term.end - TODAY).days)
    motor = [key for key in days if key[0] in {"kasko", "osago"}]
    assert len(motor) == 4
    assert len(days) == 12
    assert days["osago", False, True] <= set(range(61))
    assert len(days["osago", False, True]) > 30
    touched = {project.term for project in book.projects} | {quote.term for quote in book.quotes}
    touched |= {loss.term for loss in book.losses} | {
        claim.term for claim in book.claims if claim.disputed_since
    }
    assert not touched & book.clean


def test_some_sellers_keep_the_norm_and_some_do_not(company):
    first, last = TODAY - timedelta(days=122), TODAY - timedelta(days=31)
    terms = company.portfolio.terms
    renewed = {term.previous for term in terms}
    counts = defaultdict(Counter)
    for place, term in enumerate(terms):
        if term.agent >= 0 and term.product == "osago" and first <= term.end <= last:
            counts[term.agent]["expiring"] += 1
            counts[term.agent]["renewed"] += place in renewed
    shares = {
        agent: count["renewed"] / count["expiring"]
        for agent, count in counts.items()
        if count["expiring"] >= 8
    }
    assert sum(share >= 0.75 for share in shares.values()) >= 10
    assert sum(share < 0.75 for share in shares.values()) >= 10


def test_what_became_of_ending_terms(company):
    book = company.portfolio
    states = Counter(project.state for project in book.projects)
    assert set(states) == {"open", "offered", "issued"}
    for project in book.projects:
        assert (project.next_term >= 0) == (project.state == "issued")
        if project.next_term >= 0:
            assert book.terms[project.next_term].previous == project.term
    assert {"sold", "elsewhere", "too-dear", "loan-closed"} <= {loss.reason for loss in book.losses}
    assert {claim.status for claim in book.claims} == {"reported", "paid", "refused"}
    assert any(claim.disputed_since for claim in book.claims)
    assert any(thing.sold_on for thing in book.things)
    assert sum(person.do_not_contact for person in company.people) > 10


def test_the_clients_of_the_screens_are_there(company):
    place = next(
        place
        for place, person in enumerate(company.people)
        if person.last == "Орлова" and person.first == "Вера"
    )
    book = company.portfolio
    vera = {term.number: term for term in book.terms if term.client == place and term.end >= TODAY}
    assert set(vera) == {"К 16-204871", "ХХХ 0412773905", "16480/354/004127/26"}
    kasko = vera["К 16-204871"]
    assert (kasko.start, kasko.end, kasko.premium) == (date(2025, 12, 6), date(2026, 12, 5), 6386792)
    assert book.things[kasko.thing].vehicle.plate == "Р418ТО116"
    assert company.staff.agents[kasko.agent].last == "Соколова"
    quotes = {quote.premium for quote in book.quotes if book.terms[quote.term].client == place}
    assert quotes == {6295000, 853399}

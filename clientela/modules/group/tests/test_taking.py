"""Facts come in under a consent of the day or not at all."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.dates import add_years
from clientela.modules.clients.models import Client, IdentityDocument
from clientela.modules.clients.queries import documents_by_number
from clientela.modules.group.models import Candidate, ConsentDocument, Fact, Refused, SisterCompany, Waiting
from clientela.modules.group.operations.consents import give_consent, take_back
from clientela.modules.group.operations.deciding import DecidedAlready, NotAgreed, attach, dismiss, said_in
from clientela.modules.group.operations.forgetting import expire
from clientela.modules.group.operations.taking import CompanyAsleep, bring
from clientela.modules.group.queries.facts import known_of, spoken_of
from clientela.modules.group.rules import Told, Why
from clientela.modules.group.tests.conftest import PASSPORT

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 10)


def told(ref=1, as_of=DAY, passport=PASSPORT, values=None, **more):
    return Told(
        ref, as_of, values={"mortgage": True} if values is None else values, passport=passport, **more
    )


def counted():
    return {(one.kind, one.why): one.facts for one in Refused.objects.all()}


def test_a_fact_is_kept_with_its_company_day_and_consent(agreed, bank, program, now):
    done = bring(actor=program, now=now, told=[told(values={"mortgage": "да", "mortgage_debt": "3200000"})])
    assert (done.facts, done.outcome) == (2, {1: "taken"})
    fact = Fact.objects.get(kind__code="mortgage_debt")
    assert (fact.client, fact.company, fact.value, fact.as_of) == (agreed, bank, "3200000.00", DAY)
    assert (fact.old_on, fact.gone_on) == (DAY + timedelta(days=45), DAY + timedelta(days=180))
    assert fact.consent.text_version == "v1"
    entry = Entry.objects.get(action="group.taken")
    assert entry.changes == {"facts": [0, 2], "refused": [0, 0]}


def test_without_a_consent_only_a_count_is_kept(vera, text, bank, program, now):
    if not documents_by_number(PASSPORT).filter(client=vera).exists():
        IdentityDocument.objects.create(client=vera, kind="passport", number=PASSPORT)
    bring(actor=program, now=now, told=[told(), told(ref=2, passport="4500111222")])
    bring(actor=program, now=now, told=[told()])
    assert not Fact.objects.exists()
    assert not Waiting.objects.exists()
    assert counted() == {("mortgage", Why.CONSENT): 2, ("mortgage", Why.NOBODY): 1}
    assert Client.objects.count() == 1


def test_a_consent_is_for_the_companies_of_its_own_text(agreed, bank, program, now):
    other = SisterCompany.objects.create(code="late", name="Позже", kind="broker")
    other.feeder, bank.feeder = program, None
    bank.save()
    other.save()
    newer = ConsentDocument.objects.create(version="v2", title="Согласие", text="…", since=date(2026, 6, 1))
    newer.companies.set([other])
    assert bring(actor=program, now=now, told=[told()]).outcome == {1: Why.CONSENT}
    give_consent(actor=None, now=now, client=agreed, source="own pages")
    assert bring(actor=program, now=now, told=[told()]).outcome == {1: "taken"}


def test_a_newer_text_without_the_company_takes_its_facts_away(agreed, bank, clinic, program, now):
    bring(actor=program, now=now, told=[told()])
    ConsentDocument.objects.create(
        version="v2", title="Согласие", text="…", since=date(2026, 6, 1)
    ).companies.set([clinic])
    give_consent(actor=None, now=now, client=agreed, source="own pages")
    assert not Fact.objects.exists()


def test_the_newest_word_counts_and_the_same_word_is_one(agreed, bank, program, now):
    bring(actor=program, now=now, told=[told()])
    assert bring(actor=program, now=now, told=[told()]).outcome == {1: "same"}
    assert (
        bring(
            actor=program, now=now, told=[told(as_of=DAY - timedelta(days=1), values={"mortgage": "нет"})]
        ).facts
        == 0
    )
    assert (
        bring(
            actor=program, now=now, told=[told(as_of=DAY + timedelta(days=1), values={"mortgage": "нет"})]
        ).facts
        == 1
    )
    known = known_of(agreed, now=now)
    assert [(one.fact.value, one.is_fresh) for one in known] == [("no", True)]
    assert spoken_of([agreed.pk], ["mortgage"], now=now) == {}


def test_old_facts_are_shown_as_old_and_not_spoken_of(agreed, bank, program, now):
    bring(actor=program, now=now, told=[told()])
    later = now + timedelta(days=60)
    assert [one.is_fresh for one in known_of(agreed, now=later)] == [False]
    assert spoken_of([agreed.pk], ["mortgage"], now=later) == {}
    assert spoken_of([agreed.pk], ["mortgage"], now=now)[agreed.pk][0].company == bank


def test_what_ran_out_goes_by_itself(agreed, bank, program, now):
    bring(actor=program, now=now, told=[told()])
    assert expire(now=now + timedelta(days=170)) == {"facts": 0, "replaced": 0, "waiting": 0}
    assert expire(now=now + timedelta(days=175))["facts"] == 1
    assert not Fact.objects.exists()
    assert bring(actor=program, now=now, told=[told(as_of=add_years(DAY, -1))]).outcome == {1: Why.OLD}


def test_bad_values_and_unknown_kinds(agreed, bank, program, now):
    done = bring(actor=program, now=now, told=[told(values={"mortgage": "?", "shoes": "44"})])
    assert (done.bad, done.facts) == ({1: ["mortgage"]}, 0)
    assert counted() == {("shoes", Why.KIND): 1}


def test_who_may_bring(agreed, bank, program, anna, administrator, now):
    for actor in (anna, administrator):
        with pytest.raises(PermissionDenied):
            bring(actor=actor, now=now, told=[told()])
    bank.is_active = False
    bank.save()
    with pytest.raises(CompanyAsleep):
        bring(actor=program, now=now, told=[told()])
    assert not Fact.objects.exists()


@pytest.fixture
def doubtful(agreed, bank, program, now):
    """The passport is Вера's, the birth date is not."""
    bring(actor=program, now=now, told=[told(birth_date=date(1985, 12, 4), name="Орлова Вера")])
    return Waiting.objects.get()


def test_a_doubtful_report_is_sealed_and_waits(doubtful, agreed):
    assert (doubtful.why, "Орлова" in doubtful.sealed) == (Why.BIRTH, False)
    assert said_in(doubtful)["values"] == {"mortgage": "yes"}
    assert not Fact.objects.exists()


def test_a_person_ties_it_to_a_card(doubtful, agreed, administrator, boris_client, anna, now):
    with pytest.raises(PermissionDenied):
        attach(actor=anna, now=now, waiting=doubtful, client=agreed)
    with pytest.raises(PermissionDenied):
        attach(actor=administrator, now=now, waiting=doubtful, client=boris_client)
    assert attach(actor=administrator, now=now, waiting=doubtful, client=agreed) == 1
    assert Fact.objects.get().via == Fact.Via.HAND
    with pytest.raises(DecidedAlready):
        dismiss(actor=administrator, now=now, waiting=doubtful)


def test_only_a_candidate_who_agreed_gets_it(doubtful, boris_client, administrator, now):
    Candidate.objects.create(waiting=doubtful, client=boris_client)
    with pytest.raises(NotAgreed):
        attach(actor=administrator, now=now, waiting=doubtful, client=boris_client)
    dismiss(actor=administrator, now=now, waiting=doubtful)
    assert not Waiting.objects.exists()
    assert not Fact.objects.exists()


def test_a_report_told_again_waits_once(doubtful, agreed, bank, program, now):
    bring(actor=program, now=now, told=[told(birth_date=date(1985, 12, 4))])
    assert Waiting.objects.count() == 1
    take_back(actor=None, now=now, client=agreed, via="own pages")
    assert not Waiting.objects.exists()

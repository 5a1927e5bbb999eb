"""The company in a real database."""

from collections import Counter
from datetime import UTC, date, timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Sum

from clientela.demo.heroes import HEROES
from clientela.demo.load import load, make_company
from clientela.demo.organisation import PASSWORD
from clientela.demo.signins import lines, sign_ins
from clientela.demo.talks import STRANGER
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.billing.models import Payment
from clientela.modules.book.models import Attempt
from clientela.modules.book.queries.training import SELLERS, may_sell
from clientela.modules.book.rules.training import Reason, topics_of
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.queries import inn_is
from clientela.modules.contacts.models import Conversation, Message, Template
from clientela.modules.contracts.models import Participant, Policy
from clientela.modules.documents.models import Document
from clientela.modules.organisation.models import Absence, Agent, Branch
from clientela.modules.organisation.queries import substitutes_for
from clientela.modules.privacy.operations import ask_erasure, confirm_erasure
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.renewals.models import Experiment, NormResult, PlanDay, Renewal, Step, Touch
from clientela.modules.renewals.operations.terms import open_terms
from clientela.modules.renewals.queries.experiments import results_of
from clientela.modules.requests.models import Request
from clientela.modules.sales.models import Deal

TODAY = date(2026, 11, 18)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """A small company, loaded once and taken out again."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            company = make_company(clients=6000, seed=7, today=TODAY, agents=60)
            counts = load(company)
            yield company, counts
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


@pytest.fixture
def company(loaded, db):
    return loaded[0]


def test_rows_are_those_that_were_made(company, loaded):
    counts = loaded[1]
    assert Client.objects.count() - 20 == counts["clients"] == 6000  # and strangers who wrote or asked
    assert Policy.objects.count() == counts["policies"] == len(company.portfolio.terms)
    assert Claim.objects.count() == len(company.portfolio.claims)
    assert Agent.objects.count() == 60
    assert Branch.objects.count() == 12
    connection.check_constraints()


def test_somebody_is_away_today_with_a_substitute_at_work(company):
    today = Absence.objects.filter(first_day__lte=TODAY, last_day__gte=TODAY)
    assert today.count() >= 1
    assert not Absence.objects.filter(person__in=Absence.objects.values("substitute")).exists()
    for absence in Absence.objects.all():
        assert substitutes_for(absence.person).filter(pk=absence.substitute_id).exists()


def test_a_card_has_what_its_person_has(company):
    place = next(
        i for i, person in enumerate(company.people) if person.inn and person.points and not person.company
    )
    person = company.people[place]
    client = Client.objects.get(inn_is(person.inn))
    assert (client.last_name, client.first_name, client.birth_date) == (
        person.last,
        person.first,
        person.born,
    )
    assert client.time_zone == person.zone
    assert set(client.contact_points.values_list("value", flat=True)) == {
        point.value for point in person.points
    }
    assert client.policies.count() == sum(term.client == place for term in company.portfolio.terms)
    in_force = Policy.objects.in_force(on=TODAY).filter(client=client)
    assert client.policies_in_force == in_force.count()
    assert client.premium_in_force == sum(policy.premium for policy in in_force)


def test_templates_are_in_force_and_one_waits_for_a_colleague(company):
    found = Template.objects.values_list("code", "state", "author__role", "approved_by__role")
    assert set(found) == {
        ("policy-ready", "approved", "renewals_manager", "administrator"),
        ("birthday", "approved", "renewals_manager", "administrator"),
        ("call-me", "approved", "renewals_manager", "administrator"),
        ("one-payment", "approved", "renewals_manager", "administrator"),
        ("remind-later", "approved", "renewals_manager", "administrator"),
        ("pay-again", "approved", "renewals_manager", "administrator"),
        ("term-ends", "approved", "administrator", "renewals_manager"),
        ("thanks", "approved", "administrator", "renewals_manager"),
        ("documents", "approved", "administrator", "renewals_manager"),
        ("new-address", "approved", "administrator", "renewals_manager"),
        ("moved", "draft", "renewals_manager", None),
    }


def test_next_rows_get_ids_of_their_own(company):
    newest = Client.objects.order_by("-pk")[0]
    made = Client.objects.create(
        last_name="Новый",
        name_key="новый",
        branch=Branch.objects.first(),
        created_at=company.now,
        updated_at=company.now,
    )
    assert made.pk > newest.pk


def test_every_step_of_the_schedules_has_a_touch_to_send_today(company):
    keys = {
        f"{schedule}.{key}" for schedule, key in Step.objects.values_list("version__schedule__code", "key")
    }
    due = Touch.objects.filter(due_on=TODAY, state="planned").values_list("step_key", flat=True)
    assert len(keys) == 15
    assert set(due) == keys


def test_touches_of_the_past_are_finished_and_explained(company):
    past = Touch.objects.filter(due_on__lt=TODAY)
    assert past.count() > 500
    assert not past.filter(state__in=["planned", "dispatching"]).exists()
    assert not past.filter(state="dropped", reason="").exists()
    assert not past.exclude(state="dropped").exclude(reason="").exists()
    assert past.earliest("due_on").due_on >= TODAY - timedelta(days=45)
    sent = past.exclude(message_id=None)
    assert sent.count() == Message.objects.filter(origin="renewals.touch").count()
    assert set(sent.values_list("channel", flat=True)) == {"sms", "email", "vk"}
    message = Message.objects.get(pk=sent.order_by("?")[0].message_id)
    assert message.client_id == Touch.objects.get(message_id=message.pk).renewal.client_id
    assert "{" not in message.text
    assert Message.objects.filter(direction="in").exclude(in_reply_to=None).exists()
    assert PlanDay.objects.count() == 46


def test_paid_terms_are_paid_and_lost_ones_have_a_reason(company):
    assert not Renewal.objects.filter(state="paid", next_policy=None).exists()
    assert not Renewal.objects.filter(state="lost", lost_reason=None).exists()
    assert set(Renewal.objects.values_list("state", flat=True)) == {
        "nothing",
        "project",
        "quoted",
        "paid",
        "lost",
    }
    assert NormResult.objects.filter(kept=True).exists()
    assert NormResult.objects.filter(kept=False, expiring__gte=5).exists()


def test_the_product_finds_the_same_expiring_terms(company):
    columns = ("policy_id", "client_id", "agent_id", "branch_id", "centre_id", "product_id", "bank_id", "line", "end_date",
               "renewal_year", "time_zone", "reach", "state", "has_project", "has_quote", "in_dispute", "object_sold",
               "do_not_contact", "premium", "next_premium", "next_policy_id")  # fmt: skip
    written = set(Renewal.objects.filter(end_date__gte=TODAY).values_list(*columns))
    Touch.objects.all().delete()
    Renewal.objects.filter(end_date__gte=TODAY).delete()
    assert open_terms(day=TODAY, now=company.now) == len(written)
    lost = {policy for policy, *rest in written if "lost" in rest}
    # Who wrote in a messenger today can be reached there: the worker tells the terms when it delivers the event.
    wrote = ContactPoint.objects.filter(
        kind__in=["telegram", "webchat"], created_at__date__gte=TODAY - timedelta(days=7)
    )
    lost |= set(Policy.objects.filter(client__contact_points__in=wrote).values_list("pk", flat=True))
    found = set(Renewal.objects.filter(end_date__gte=TODAY).values_list(*columns))
    assert {row for row in found if row[0] not in lost} == {row for row in written if row[0] not in lost}


def test_one_person_of_each_role_signs_in(company):
    people = sign_ins()
    assert len(people) == len(Role) - 1  # a sister company's program holds a token and has no page
    assert ("Анна Соколова", "a.sokolova@prichal.example") in [(name, mail) for _, name, mail in people]
    for _, _, address in people:
        assert User.objects.get(email=address).check_password(PASSWORD)
    assert authenticate(email="a.sokolova@prichal.example", password="wrong") is None
    assert any(line.endswith(PASSWORD) for line in lines())
    assert any("/my/" in line and HEROES[0].name in line for line in lines())


def test_the_command_refuses_a_base_with_clients(company):
    before = Client.objects.count()
    with pytest.raises(CommandError, match="--force"):
        call_command("load_demo", clients=10)
    assert Client.objects.count() == before


def test_the_experiment_has_results_that_follow_from_its_touches(company, renewals_manager):
    experiment = Experiment.objects.get()
    results = results_of(renewals_manager, experiment, today=TODAY)
    for side, found in (("a", results.a), ("b", results.b)):
        arm = experiment.arm(gets_b=side == "b")
        touches = [
            touch for touch in Touch.objects.filter(step_key="centre.motor-5-sms", term_end__gte=arm.first_end).select_related("renewal", "step")
            if arm.takes(touch.renewal.client_id, touch.term_end)
        ]  # fmt: skip
        version = experiment.candidate_id if side == "b" else experiment.control_id
        assert {touch.step.version_id for touch in touches} == {version}
        states = Counter(touch.state for touch in touches)
        sent = sum(states[state] for state in ("sent", "delivered", "opened", "replied", "failed"))
        assert (found.sent, found.replied) == (sent, states["replied"])
        assert 0 < found.replied < found.delivered < found.sent
        assert 0 < found.renewed < found.ended < found.terms
        low, high = found.renewal.interval
        assert low < found.renewal.share < high
    assert abs(results.a.clients - results.b.clients) < 0.2 * results.a.clients
    assert {message.text.count("Ответьте «да»") for message in _sent(experiment.candidate)} == {1}
    assert {message.text.count("Ответьте «да»") for message in _sent(experiment.control)} == {0}


def _sent(version):
    ids = Touch.objects.filter(step__version=version, step__key="motor-5-sms").values("message_id")
    return Message.objects.filter(id__in=ids)


def test_the_inbox_is_alive(company):  # type: ignore[no-untyped-def]
    anna = User.objects.get(email="a.sokolova@prichal.example")
    mine = Conversation.objects.filter(assignee=anna, state="open", waiting_since__isnull=False)
    assert {talk.client.last_name for talk in mine} >= {"Тихонова", "Миронов", "Кравцова"}
    done = Conversation.objects.get(client__name_key__startswith="шестакова елена", assignee=anna)
    assert (done.state, done.last_is_ours) == ("done", True)
    stranger = Conversation.objects.get(address=STRANGER)
    assert stranger.assignee is None
    # Documents on their way to clients and the codes they sign by go out when the demo starts; nothing else waits.
    waiting = Message.objects.filter(state="queued").values_list("origin", flat=True)
    assert {origin for origin in waiting if not origin.startswith(("documents.", "contacts.code"))} == set()


def test_training_leaves_the_demo_for_sale(company):
    seller = User.objects.get(email="a.sokolova@prichal.example")
    sold = {one.code: one for one in Product.objects.filter(code__in=("kasko", "osago"))}
    kasko, osago = (may_sell(seller, sold[code], TODAY) for code in ("kasko", "osago"))
    assert (kasko.allowed, kasko.days_left(TODAY)) == (True, 12)
    assert (osago.allowed, osago.reason) == (True, Reason.PASSED)
    last = Attempt.objects.get(user=seller, test__product=sold["kasko"])
    assert (last.right, last.asked, topics_of(last.paper)) == (9, 12, ["франшизу", "осмотр"])
    people = User.objects.filter(is_active=True, role__in=SELLERS)
    allowed = [may_sell(one, sold["osago"], TODAY).allowed for one in people]
    assert 0.85 < sum(allowed) / len(allowed) < 1


def test_people_of_the_company_are_forgotten(company):
    """Those with the most behind them: whatever hangs on a card lets it go, and the accounting stays."""
    now = company.moment.replace(tzinfo=UTC)
    asks, confirms = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)[0], User.objects.create_user(
        email="second@prichal.example", password="x", role=Role.ADMINISTRATOR, last_name="Второй"
    )  # fmt: skip
    people = set()
    for model in (Claim, Calculation, Request, Deal, Document, Message):
        people |= set(model.objects.order_by("-pk").values_list("client", flat=True)[:9]) - {None}
    paid = Payment.objects.aggregate(Sum("amount"), Count("pk"))
    Policy.objects.filter(client__in=people).update(status=Policy.Status.CANCELLED)
    Claim.objects.filter(client__in=people).update(status=Claim.Status.REFUSED)
    for client in Client.objects.filter(pk__in=people):
        confirm_erasure(
            actor=confirms, now=now, erasure=ask_erasure(actor=asks, now=now, client=client, reason="wish")
        )
        values = [client.last_name or client.company_name, client.first_name]
        assert not Participant.objects.filter(client=client).exclude(name="—").exists(), values
        assert not ContactPoint.objects.filter(client=client).exists()
    assert len(people) >= 20
    assert Payment.objects.aggregate(Sum("amount"), Count("pk")) == paid
    connection.check_constraints()

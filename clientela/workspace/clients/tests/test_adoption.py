"""The four stages: shipped views that work, counts by branch and agent that open their lists."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.http import QueryDict

from clientela.foundation.lists.models import SavedView
from clientela.modules.clients.models import Client, ProfileAnswer
from clientela.workspace.clients.adoption import STAGES, load_shipped
from clientela.workspace.clients.filters import ClientFilter
from clientela.workspace.clients.knowledge import WORDS

pytestmark = pytest.mark.django_db


def ids(browser, query):
    return {row.id for row in browser.get(f"/clients/?{query}").context["rows"]}


@pytest.fixture
def second(make_client, anna):
    """Another client of Anna: neither phone nor birth date."""
    row = make_client(anna.agent, "Котова", "Нина", "Львовна", birth_date=None)
    row.contact_points.all().delete()
    row.consents.all().delete()
    return row


def test_views_are_shipped_once_and_each_says_what_it_asks():
    assert load_shipped() == sum(len(one.views) for one in STAGES)
    assert load_shipped() == 0
    for view in SavedView.objects.filter(owner=None):
        wanted = ClientFilter.read(QueryDict(view.query))
        assert dict(parse_qs(wanted.query)) == dict(parse_qs(view.query)), view.name


def test_known_and_not_known_part_the_list(sign_in, anna, vera, second, now):
    ProfileAnswer.objects.create(
        client=vera, key="interests", label="x", kind="text", value="лыжи", answered_at=now
    )
    Client.objects.filter(pk=vera.pk).update(preferred_channel="sms", profitability="profitable")
    browser = sign_in(anna)
    for code in ("birth_date", "phone", "consent", "channel", "interests", "profit"):
        assert (code, ids(browser, f"knows={code}"), ids(browser, f"lacks={code}")) == (
            code,
            {vera.pk},
            {second.pk},
        )
    for code in WORDS:
        assert ids(browser, f"knows={code}") | ids(browser, f"lacks={code}") == {vera.pk, second.pk}, code
    page = browser.get("/clients/?lacks=phone").content.decode()
    assert "Рабочий телефон" in page


def test_risk_of_lapse_is_a_term_nobody_touched(sign_in, anna, vera, make_policy, make_renewal, osago, now):
    with time_machine.travel(now, tick=False):
        policy = make_policy(vera, osago, number="ХХХ 1", end=now.date() + timedelta(days=12))
        renewal = make_renewal(policy, state="nothing")
        assert ids(sign_in(anna), "knows=at_risk") == {vera.pk}
        type(renewal).objects.filter(pk=renewal.pk).update(state="project")
        assert ids(sign_in(anna), "knows=at_risk") == set()


@pytest.mark.parametrize("stage", [one.code for one in STAGES])
def test_each_number_is_the_length_of_its_list(sign_in, administrator, vera, second, boris_client, stage):
    browser = sign_in(administrator)
    rows = browser.get(f"/clients/adoption/parts/?stage={stage}&by=branch").context["rows"]
    assert {row["name"]: row["total"] for row in rows} == {"Казань": 2, "Ульяновск": 1}
    for row in rows:
        assert len(ids(browser, urlsplit(row["url"]).query)) == row["total"]
        for cell in row["cells"]:
            assert len(ids(browser, urlsplit(cell["knows_url"]).query)) == cell["known"]
            assert len(ids(browser, urlsplit(cell["lacks_url"]).query)) == cell["lacking"]


def test_an_agent_sees_own_clients_only(sign_in, anna, vera, boris_client):
    load_shipped()
    browser = sign_in(anna)
    rows = browser.get("/clients/adoption/parts/?stage=enrichment&by=branch").context["rows"]
    assert [(row["name"], row["total"]) for row in rows] == [("Соколова Анна", 1)]
    page = browser.get("/clients/adoption/?stage=enrichment").content.decode()
    assert "Нет рабочего телефона" in page
    counted = browser.get("/clients/adoption/views/?stage=lists").content.decode()
    assert "Все по имени" in counted


def test_the_table_is_one_statement_whatever_the_base(
    sign_in, administrator, vera, boris_client, django_assert_max_num_queries
):
    browser = sign_in(administrator)
    browser.get("/clients/adoption/parts/?stage=lists&by=agent")
    with django_assert_max_num_queries(8):
        browser.get("/clients/adoption/parts/?stage=enrichment&by=agent")

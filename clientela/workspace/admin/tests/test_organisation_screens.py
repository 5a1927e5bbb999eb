"""The administration screens as people see them."""

import re

import pytest
from django.urls import reverse

from clientela.foundation.jobs.models import Job
from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Agent, Branch, NormTarget, Placement, Team
from clientela.modules.renewals.models import NormResult


@pytest.fixture
def company(
    anna, boris, team_lead, branch_head, centre_operator, administrator, auditor, vera, boris_client, now
):
    NormResult.objects.create(
        agent=anna.agent, line="osago", window_from=now.date(), window_to=now.date(), expiring=40, renewed=29,
        excluded=0, target=75, kept=False, computed_at=now,
    )  # fmt: skip


def text(response):
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_tree_counts_people_and_shows_a_branch(company, sign_in, administrator, kazan):
    browser = sign_in(administrator)
    page = text(browser.get(reverse("organisation:tree")))
    assert "Причал Страхование 5" in page  # two agents, a lead, a head, an operator
    branch = browser.get(reverse("organisation:tree"), {"node": f"branch-{kazan.pk}"})
    shown = text(branch)
    assert "Соколова Анна" in shown
    assert "73" in shown
    assert "Ершов" not in shown
    assert "Власова Ирина" in shown


def test_a_lead_sees_the_own_part_and_no_verbs(company, sign_in, team_lead, ulyanovsk, kazan_team):
    browser = sign_in(team_lead)
    page = browser.get(reverse("organisation:tree"))
    assert "Ульяновск" not in text(page)
    assert reverse("organisation:branch_new") not in page.content.decode()
    assert browser.get(reverse("organisation:tree"), {"node": f"branch-{ulyanovsk.pk}"}).status_code == 404
    assert "Соколова Анна" in text(
        browser.get(reverse("organisation:tree"), {"node": f"team-{kazan_team.pk}"})
    )


def test_agents_are_filtered_sorted_and_searched(company, sign_in, administrator, kazan):
    browser = sign_in(administrator)

    def listed(**query):
        return re.findall(
            r"data-open>([^<]+)<", browser.get(reverse("organisation:agents"), query).content.decode()
        )

    assert listed() == ["Ершов Борис", "Соколова Анна"]
    assert listed(order="-name") == ["Соколова Анна", "Ершов Борис"]
    assert listed(order="nonsense") == ["Ершов Борис", "Соколова Анна"]
    assert listed(branch=kazan.pk) == ["Соколова Анна"]
    assert listed(q="сокол") == ["Соколова Анна"]
    assert listed(q="АГД-73") == ["Ершов Борис"]
    assert listed(q="Анна Соколова") == ["Соколова Анна"]
    assert listed(kind="broker") == []
    Agent.objects.filter(code="AG-002").update(is_active=False)
    assert listed() == ["Соколова Анна"]
    assert listed(state="off") == ["Ершов Борис"]
    assert len(listed(state="all")) == 2


def test_agents_are_found_by_territory_and_specialisation(
    company, sign_in, administrator, branch_head, anna, boris, lilia
):
    Agent.objects.filter(pk=anna.agent.pk).update(
        territories=["RU-UD", "RU-TA"], specialisations=["kasko", "mortgage"]
    )
    Agent.objects.filter(pk=lilia.agent.pk).update(territories=["RU-UD"], specialisations=["osago"])
    Agent.objects.filter(pk=boris.agent.pk).update(specialisations=["kasko"])

    def listed(who, **query):
        page = sign_in(who).get(reverse("organisation:agents"), query).content.decode()
        return re.findall(r"data-open>([^<]+)<", page), re.findall(r'<option value="(RU-[A-Z]+)"', page)

    assert listed(administrator, territory="RU-TA")[0] == ["Соколова Анна"]
    assert listed(administrator, territory="RU-UD")[0] == ["Закирова Лилия", "Соколова Анна"]
    assert listed(administrator, territory="RU-ULY")[0] == ["Ершов Борис"]  # none of his own: the branch's
    assert listed(administrator, specialisation="kasko")[0] == ["Ершов Борис", "Соколова Анна"]
    assert listed(administrator, specialisation="kasko", territory="RU-UD")[0] == ["Соколова Анна"]
    assert len(listed(administrator, territory="RU-MOW", specialisation="nonsense")[0]) == 3
    answer = sign_in(administrator).get("/api/v1/agents?territory=RU-UD&specialisation=kasko").json()
    assert [one["last_name"] for one in answer["items"]] == ["Соколова"]
    everywhere, here = listed(administrator)[1], listed(branch_head)[1]
    assert (sorted(everywhere), sorted(here)) == (["RU-TA", "RU-UD", "RU-ULY"], ["RU-TA", "RU-UD"])


def test_lists_take_the_same_number_of_statements_at_any_length(
    company, sign_in, administrator, make_user, kazan
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = sign_in(administrator)
    counts = {}
    for size in (2, 30):
        for number in range(Agent.objects.count(), size):
            user = make_user("agent", "Имя", f"Фамилия{number}")
            Agent.objects.create(user=user, code=f"X{number}", last_name=f"Фамилия{number}", branch=kazan)
        for name in ("agents", "people", "tree"):
            browser.get(reverse(f"organisation:{name}"))
            with CaptureQueriesContext(connection) as captured:
                browser.get(reverse(f"organisation:{name}"))
            counts.setdefault(name, []).append(len(captured))
    assert all(short == long for short, long in counts.values()), counts


def test_an_agent_opens_and_keeps_the_own_card_only(company, sign_in, anna, boris):
    browser = sign_in(anna)
    mine = browser.get(reverse("organisation:my_agent"))
    assert mine.url == reverse("organisation:agent", args=[anna.agent.pk])
    page = text(browser.get(mine.url))
    assert "Карточка для клиентов" in page
    assert "Передать портфель" not in page
    assert browser.get(reverse("organisation:agent", args=[boris.agent.pk])).status_code == 404
    fields = {
        "last_name": "Соколова",
        "first_name": "Анна",
        "phone": "8 917 200-05-05",
        "email": "anna@prichal.example",
    }
    bad = browser.post(reverse("organisation:agent_contacts", args=[anna.agent.pk]), fields | {"phone": "12"})
    assert bad.status_code == 422
    assert 'value="12"' in bad.content.decode()
    assert (
        browser.post(reverse("organisation:agent_contacts", args=[anna.agent.pk]), fields).status_code == 302
    )
    assert (
        browser.post(reverse("organisation:agent_contacts", args=[boris.agent.pk]), fields).status_code == 404
    )
    assert list(Agent.objects.order_by("code").values_list("phone", flat=True)) == [
        "+79172000505",
        "+79172000202",
    ]
    assert browser.get(reverse("organisation:agents")).status_code == 403


def test_an_administrator_makes_a_person_and_helps_them_in(
    company, sign_in, administrator, kazan, kazan_team
):
    browser = sign_in(administrator)
    fields = {
        "last_name": "Ткаченко",
        "first_name": "Роман",
        "email": "r@prichal.example",
        "role": "team_lead",
    }
    refused = browser.post(reverse("organisation:person_new"), fields)
    assert refused.status_code == 422
    assert "нужна команда" in refused.content.decode()
    assert (
        browser.post(reverse("organisation:person_new"), fields | {"team": kazan_team.pk}).status_code == 302
    )
    person = User.objects.get(email="r@prichal.example")
    assert Placement.objects.get(user=person).branch == kazan
    link = text(browser.post(reverse("organisation:person_password_link", args=[person.pk])))
    assert re.search(r"/account/password/reset/key/\w+-[\w-]+/", link)
    off = reverse("organisation:person_activity", args=[person.pk])
    browser.post(off, {"active": "0"})
    person.refresh_from_db()
    assert person.is_active is False
    browser.post(reverse("organisation:person_activity", args=[administrator.pk]), {"active": "0"})
    administrator.refresh_from_db()
    assert administrator.is_active is True
    changed = fields | {"role": "branch_head", "branch": kazan.pk}
    assert browser.post(reverse("organisation:person", args=[person.pk]), changed).status_code == 302
    person.refresh_from_db()
    assert person.role == "branch_head"


def test_a_refused_place_changes_nothing_of_the_person(company, sign_in, administrator, team_lead):
    browser = sign_in(administrator)
    fields = {"last_name": "X", "first_name": "Y", "email": team_lead.email, "role": "centre_operator"}
    assert browser.post(reverse("organisation:person", args=[team_lead.pk]), fields).status_code == 422
    team_lead.refresh_from_db()
    assert (team_lead.last_name, team_lead.role) == ("Галиев", "team_lead")


def test_branches_teams_and_centres_are_made_on_pages(company, sign_in, administrator, kazan, volga):
    browser = sign_in(administrator)
    branch = {
        "name": "Самара", "code": "samara", "city": "Самара", "region_code": "RU-SAM", "time_zone": "Europe/Samara",
        "regions": ["RU-SAM"], "is_active": "on",
    }  # fmt: skip
    assert browser.post(reverse("organisation:branch_new"), branch).status_code == 302
    assert browser.post(reverse("organisation:branch_new"), branch).status_code == 422
    samara = Branch.objects.get(code="samara")
    assert (
        browser.post(
            reverse("organisation:branch", args=[samara.pk]), branch | {"name": "Самара 2"}
        ).status_code
        == 302
    )
    assert (
        browser.post(reverse("organisation:team_new", args=[samara.pk]), {"name": "Волга"}).status_code == 302
    )
    team = Team.objects.get(branch=samara)
    assert browser.post(reverse("organisation:team", args=[team.pk]), {"name": "Волга 2"}).status_code == 302
    assert browser.post(reverse("organisation:team_removal", args=[team.pk])).status_code == 302
    centre = {"name": "Поволжье", "code": "volga", "phone": "+78462000999", "time_zone": "Europe/Samara"}
    both = {"branches": [kazan.pk, samara.pk]}
    assert browser.post(reverse("organisation:centre", args=[volga.pk]), centre | both).status_code == 302
    assert (volga.branches.count(), Team.objects.filter(branch=samara).count()) == (2, 0)


def test_norms_are_set_and_taken_back(company, sign_in, administrator, team_lead, anna):
    browser = sign_in(administrator)
    fields = {"line": "osago", "percent": "70", "window_months": "3", "grace_days": "30", "min_expiring": "5"}
    assert browser.post(reverse("organisation:norms"), fields | {"agent": "AG-001"}).status_code == 302
    assert browser.post(reverse("organisation:norms"), fields | {"agent": "AG-999"}).status_code == 422
    assert browser.post(reverse("organisation:norms"), fields | {"percent": "101"}).status_code == 422
    target = NormTarget.objects.get(agent=anna.agent)
    assert "AG-001" in browser.get(reverse("organisation:norms"), {"edit": target.pk}).content.decode()
    assert sign_in(team_lead).post(reverse("organisation:norms"), fields).status_code == 403
    assert browser.post(reverse("organisation:norm_removal", args=[target.pk])).status_code == 302
    assert NormTarget.objects.filter(agent=anna.agent).count() == 0


def test_a_hand_over_shows_its_size_and_becomes_a_job(company, sign_in, administrator, anna, boris):
    browser = sign_in(administrator)
    url = reverse("organisation:agent_transfer", args=[anna.agent.pk])
    assert "Клиенты 1" in text(browser.get(url))
    assert browser.post(url, {"to": "AG-001"}).status_code == 422
    assert browser.post(url, {"to": "AG-002", "reason": "отпуск"}).status_code == 302
    assert Job.objects.get().args == {"agent": anna.agent.pk, "to": boris.agent.pk, "reason": "отпуск"}


def test_territories_and_specialisations_are_chosen_and_shown(company, sign_in, administrator, anna):
    card = reverse("organisation:agent", args=[anna.agent.pk])
    mine = sign_in(administrator)
    assert "Территории Республика Татарстан" in text(
        mine.get(card)
    )  # the branch's own, until some are chosen
    form = mine.get(reverse("organisation:agent_edit", args=[anna.agent.pk])).context["form"]
    values = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    values |= {"specialisations": ["kasko", "property"], "territories": ["RU-ME", "RU-CU"]}
    saved = mine.post(reverse("organisation:agent_edit", args=[anna.agent.pk]), values)
    assert saved.status_code == 302
    shown = text(mine.get(card))
    assert "Специализации КАСКО, Имущество" in shown
    assert "Республика Марий Эл" in shown
    assert "Татарстан" not in shown

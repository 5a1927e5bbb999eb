"""Branches, teams, centres, people and agents: each verb, its permission and its entry."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation import operations as verbs
from clientela.modules.organisation.models import Agent, Branch, NormTarget, Placement, RenewalCentre, Team
from clientela.modules.organisation.queries import (
    agents_visible_to,
    branches_visible_to,
    centres_visible_to,
    people_visible_to,
    teams_visible_to,
)

BRANCH = {
    "code": "samara", "name": "Самара", "region_code": "RU-SAM", "city": "Самара", "time_zone": "Europe/Samara",
    "regions": ["RU-SAM"],
}  # fmt: skip


def entries():
    return list(Entry.objects.order_by("id").values_list("action", "object_name"))


@pytest.fixture
def chief(administrator, now):
    return {"actor": administrator, "now": now}


def test_a_branch_is_made_changed_and_journaled(chief):
    branch = verbs.create_branch(**chief, **BRANCH)
    verbs.change_branch(**chief, branch=branch, name="Самара и область", city="Самара")
    branch.refresh_from_db()
    assert branch.name == "Самара и область"
    assert entries() == [("branch.created", "Самара"), ("branch.changed", "Самара и область")]
    assert Entry.objects.last().changes == {"name": ["Самара", "Самара и область"]}
    assert (
        list(Event.objects.values_list("name", "topics"))
        == [("organisation.OrganisationChanged", "organisation")] * 2
    )


def test_a_branch_with_agents_stays_open(chief, kazan, anna):
    with pytest.raises(verbs.StillInUse):
        verbs.change_branch(**chief, branch=kazan, is_active=False)
    kazan.refresh_from_db()
    assert (kazan.is_active, entries()) == (True, [])


def test_an_agent_has_territories_and_specialisations(chief, anna):
    verbs.change_agent(
        **chief, agent=anna.agent, specialisations=["kasko", "mortgage"], territories=["RU-TA", "RU-ME"]
    )
    card = Agent.objects.get(pk=anna.agent.pk)
    assert (card.specialisations, card.territories) == (["kasko", "mortgage"], ["RU-TA", "RU-ME"])
    assert Entry.objects.last().changes == {
        "specialisations": [[], ["kasko", "mortgage"]], "territories": [[], ["RU-TA", "RU-ME"]],
    }  # fmt: skip
    with pytest.raises(ValidationError):
        verbs.change_agent(**chief, agent=anna.agent, territories=["RU-XX"])
    assert (Agent.objects.get(pk=card.pk).territories, Entry.objects.count()) == (["RU-TA", "RU-ME"], 1)


def test_two_branches_cannot_share_a_code(chief, kazan):
    with pytest.raises(ValidationError):
        verbs.create_branch(**chief, **BRANCH | {"code": "kazan"})
    assert Branch.objects.count() == 1


def test_a_team_is_renamed_and_removed_when_empty(chief, kazan, kazan_team, anna):
    empty = verbs.create_team(**chief, branch=kazan, name="Зеленодольск")
    verbs.change_team(**chief, team=empty, name="Заволжье")
    verbs.remove_team(**chief, team=empty)
    with pytest.raises(verbs.StillInUse):
        verbs.remove_team(**chief, team=kazan_team)
    assert list(Team.objects.all()) == [kazan_team]
    assert [action for action, _ in entries()] == ["team.created", "team.changed", "team.removed"]


def test_a_centre_supports_branches(chief, kazan, ulyanovsk):
    centre = verbs.create_centre(
        **chief,
        code="ural",
        name="Урал",
        phone="+73430000999",
        time_zone="Asia/Yekaterinburg",
        branches=[kazan],
    )
    verbs.change_centre(**chief, centre=centre, branches=[kazan, ulyanovsk])
    verbs.change_centre(**chief, centre=centre, branches=[ulyanovsk, kazan], name="Урал")
    assert set(centre.branches.all()) == {kazan, ulyanovsk}
    assert [action for action, _ in entries()] == ["centre.created", "centre.changed"]
    assert Entry.objects.last().changes == {"branches": [["Казань"], ["Казань", "Ульяновск"]]}


PERSON = {"email": "New@prichal.example", "first_name": "Роман", "last_name": "Ткаченко"}


def test_a_person_is_made_with_the_place_of_their_role(chief, kazan, kazan_team):
    user = verbs.create_person(**chief, **PERSON, role=Role.TEAM_LEAD, team=kazan_team)
    placement = Placement.objects.get(user=user)
    assert (user.email, user.has_usable_password()) == ("new@prichal.example", False)
    assert (placement.branch, placement.team, placement.centre) == (kazan, kazan_team, None)
    assert entries() == [("user.created", "Роман Ткаченко"), ("user.placed", "Роман Ткаченко")]


@pytest.mark.parametrize("role", [Role.TEAM_LEAD, Role.BRANCH_HEAD, Role.CENTRE_OPERATOR, Role.AGENT])
def test_a_role_without_its_place_is_refused_whole(chief, role):
    with pytest.raises(verbs.WrongPlacement):
        verbs.create_person(**chief, **PERSON, role=role)
    assert (User.objects.count(), Entry.objects.count()) == (1, 0)


def test_a_team_of_another_branch_is_refused(chief, kazan, ulyanovsk_team, branch_head):
    with pytest.raises(verbs.WrongPlacement):
        verbs.place(**chief, user=branch_head, branch=kazan, team=ulyanovsk_team)
    assert Placement.objects.get(user=branch_head).team is None


def test_a_card_moves_between_sign_ins_but_has_one(chief, anna, boris, make_user):
    with pytest.raises(verbs.WrongPlacement):
        verbs.place(**chief, user=boris, agent=anna.agent)
    deputy = make_user(Role.AGENT, "Лев", "Носов")
    card = anna.agent
    Agent.objects.filter(pk=card.pk).update(user=None)
    card.refresh_from_db()
    verbs.place(**chief, user=deputy, agent=card)
    card.refresh_from_db()
    assert card.user == deputy
    assert Entry.objects.last().changes == {"agent": ["", "AG-001"]}


def test_an_agent_keeps_the_own_contacts(anna, boris, now):
    agent = anna.agent
    verbs.change_contacts(actor=anna, now=now, agent=agent, phone="8 (917) 200-01-99")
    agent.refresh_from_db()
    assert (agent.phone, agent.contacts_confirmed_at) == ("+79172000199", now)
    with pytest.raises(verbs.NotYourCard):
        verbs.change_contacts(actor=boris, now=now, agent=agent, phone="+79172000000")
    with pytest.raises(verbs.NotYourCard):
        verbs.confirm_contacts(actor=boris, now=now, agent=agent)
    with pytest.raises(ValidationError):
        verbs.change_contacts(actor=anna, now=now, agent=agent, phone="12")
    with pytest.raises(TypeError):
        verbs.change_contacts(actor=anna, now=now, agent=agent, code="AG-777")
    agent.refresh_from_db()
    assert agent.phone == "+79172000199"
    assert entries() == [("agent.contacts", "Анна Соколова")]
    assert Event.objects.filter(name="organisation.AgentContactsChanged").count() == 1
    verbs.confirm_contacts(actor=anna, now=now, agent=agent)
    assert entries()[-1] == ("agent.confirmed", "Анна Соколова")


def test_an_administrator_makes_and_changes_agents(chief, kazan, ulyanovsk_team, anna):
    agent = verbs.create_agent(
        **chief, code="AG-100", last_name="Громов", first_name="Павел", branch=kazan, phone="89172000300",
        agreement_number="АГД-16/0300", agreement_date=date(2026, 11, 1),
    )  # fmt: skip
    assert agent.phone == "+79172000300"
    with pytest.raises(ValidationError):
        verbs.change_agent(**chief, agent=agent, team=ulyanovsk_team)
    verbs.change_agent(**chief, agent=agent, is_active=False)
    agent.refresh_from_db()
    assert (agent.team, agent.is_active) == (None, False)
    with pytest.raises(ValidationError):
        verbs.create_agent(**chief, code="AG-001", last_name="Другой", branch=kazan)


def test_a_norm_is_common_or_of_one_agreement(chief, anna):
    NormTarget.objects.all().delete()
    common = verbs.set_norm(**chief, line="osago", percent=Decimal(75))
    own = verbs.set_norm(**chief, line="osago", percent=Decimal(60), agent=anna.agent)
    assert verbs.set_norm(**chief, line="osago", percent=Decimal(62), agent=anna.agent).pk == own.pk
    for wrong in (
        {"percent": Decimal(101)},
        {"percent": Decimal(-1)},
        {"percent": Decimal(1), "window_months": 0},
    ):
        with pytest.raises(verbs.WrongNorm):
            verbs.set_norm(**chief, line="osago", **wrong)
    with pytest.raises(verbs.WrongNorm):
        verbs.remove_norm(**chief, target=common)
    verbs.remove_norm(**chief, target=own)
    assert list(NormTarget.objects.values_list("agent", "line", "percent")) == [(None, "osago", Decimal(75))]
    assert [action for action, _ in entries()] == ["norm.set", "norm.set", "norm.set", "norm.removed"]


def test_nobody_else_manages_the_organisation(anna, branch_head, kazan, kazan_team, volga, now):
    target = NormTarget.objects.filter(agent=None).first() or NormTarget.objects.create(line="x", percent=1)
    rows = [Branch, Team, RenewalCentre, User, Placement, Agent, NormTarget]
    before = [list(model.objects.order_by("pk").values()) for model in rows]
    for actor in (anna, branch_head):
        who = {"actor": actor, "now": now}
        for act in (
            lambda w=who: verbs.create_branch(**w, **BRANCH),
            lambda w=who: verbs.change_branch(**w, branch=kazan, name="x"),
            lambda w=who: verbs.create_team(**w, branch=kazan, name="x"),
            lambda w=who: verbs.change_team(**w, team=kazan_team, name="x"),
            lambda w=who: verbs.remove_team(**w, team=kazan_team),
            lambda w=who: verbs.create_centre(**w, code="x", name="x"),
            lambda w=who: verbs.change_centre(**w, centre=volga, name="x"),
            lambda w=who: verbs.create_person(**w, **PERSON, role=Role.AUDITOR),
            lambda w=who: verbs.place(**w, user=branch_head, branch=kazan),
            lambda w=who: verbs.create_agent(**w, code="x", last_name="x", branch=kazan),
            lambda w=who: verbs.change_agent(**w, agent=anna.agent, is_active=False),
            lambda w=who: verbs.set_norm(**w, line="osago", percent=Decimal(1)),
            lambda w=who: verbs.remove_norm(**w, target=target),
        ):
            with pytest.raises(PermissionDenied):
                act()
    assert [list(model.objects.order_by("pk").values()) for model in rows] == before
    assert Entry.objects.count() == 0


def test_each_sees_their_part_of_the_organisation(
    anna, boris, team_lead, branch_head, centre_operator, administrator, volga
):
    def seen(user):
        return [
            sorted(str(row) for row in select(user))
            for select in (
                agents_visible_to, branches_visible_to, teams_visible_to, centres_visible_to, people_visible_to,
            )
        ]  # fmt: skip

    a, b = "Анна Соколова", "Борис Ершов"
    lead, head, operator = "Тимур Галиев", "Ирина Власова", "Олег Панин"
    right = "Казань, правый берег"
    assert seen(anna) == [[a], ["Казань"], [], [], [a]]
    assert seen(team_lead) == [[a], ["Казань"], [right], [], [a, lead]]
    assert seen(branch_head) == [[a], ["Казань"], [right], ["Поволжье"], [a, head, lead]]
    assert seen(centre_operator) == [[a], ["Казань"], [], ["Поволжье"], [operator]]
    assert seen(administrator)[0] == [a, b]
    assert len(seen(administrator)[4]) == 6

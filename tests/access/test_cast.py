from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.renewals.models import Renewal


def test_each_person_of_the_cast_sees_their_own_part(
    anna, boris, team_lead, branch_head, centre_operator, administrator, auditor, vera_renewal, boris_renewal
):
    seen = {
        str(person): [
            sorted(model.objects.visible_to(person).values_list("branch__code", flat=True))
            for model in (Client, Policy, Renewal)
        ]
        for person in (anna, boris, team_lead, branch_head, centre_operator, administrator, auditor)
    }

    kazan, ulyanovsk, both = [["kazan"]] * 3, [["ulyanovsk"]] * 3, [["kazan", "ulyanovsk"]] * 3
    assert seen == {
        "Анна Соколова": kazan,
        "Борис Ершов": ulyanovsk,
        "Тимур Галиев": kazan,
        "Ирина Власова": kazan,
        "Олег Панин": kazan,
        "Денис Карпов": both,
        "Лидия Рощина": both,
    }


def test_a_person_without_a_placement_sees_nothing(make_user, vera, boris_client):
    from clientela.modules.accounts.rules import Role

    for role in (Role.AGENT, Role.TEAM_LEAD, Role.BRANCH_HEAD, Role.CENTRE_OPERATOR):
        assert list(Client.objects.visible_to(make_user(role, "Новый", "Человек"))) == []

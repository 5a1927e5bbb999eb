"""The frame: each role finds what it may open, and no link is dead."""

from datetime import timedelta

import pytest
import time_machine
from django.test import RequestFactory

from clientela.foundation.jobs.models import Job
from clientela.workspace import navigation


@pytest.fixture(autouse=True)
def _clock(now):
    with time_machine.travel(now, tick=False):
        yield


def shown(user, path="/"):
    request = RequestFactory().get(path)
    request.user = user
    return navigation.frame(request)["nav"]


def paths(user):
    return [item["url"] for section in shown(user) for item in section["items"]]


def test_an_agent_finds_the_own_cabinet_and_no_management(anna):
    found = paths(anna)
    assert "/organisation/agents/me/" in found
    assert not {"/organisation/", "/jobs/", "/audit/"} & set(found)


def test_an_administrator_finds_management_and_no_cabinet(administrator):
    found = paths(administrator)
    assert {"/organisation/", "/jobs/", "/audit/"} <= set(found)
    assert "/organisation/agents/me/" not in found


@pytest.mark.parametrize(
    "role",
    [
        "anna", "team_lead", "branch_head", "centre_operator", "renewals_manager", "marketer", "quality",
        "administrator", "auditor",
    ],
)  # fmt: skip
def test_no_link_of_the_frame_is_dead(role, request, sign_in):
    user = request.getfixturevalue(role)
    browser = sign_in(user)
    for path in paths(user):
        assert browser.get(path).status_code in {200, 302}, path


def test_the_page_in_hand_is_marked_once(administrator, anna):
    def current(user, path):
        return [i["url"] for s in shown(user, path) for i in s["items"] if i["current"]]

    assert current(administrator, "/organisation/people/7/") == ["/organisation/"]
    assert current(anna, "/organisation/agents/me/") == ["/organisation/agents/me/"]
    assert current(administrator, "/settings/") == []


def test_counts_are_bounded_and_kept_for_a_minute(
    anna, vera_renewal, boris_renewal, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(navigation, "COUNTS", {"renewals": navigation._renewals})
    anna.can("renewals.read")
    with django_assert_num_queries(2):
        assert navigation._counts_of(anna)["renewals"] == 1
    with django_assert_num_queries(0):
        navigation._counts_of(anna)
    vera_renewal.state = "paid"
    vera_renewal.save()
    assert navigation._counts_of(anna)["renewals"] == 1
    navigation.forget_counts()
    assert navigation._counts_of(anna)["renewals"] == 0


def test_only_terms_of_the_usual_board_are_counted(anna, vera_renewal, now):
    for days, count in ((46, 0), (45, 1), (0, 1), (-1, 0)):
        vera_renewal.end_date = now.date() + timedelta(days=days)
        vera_renewal.save()
        assert navigation._renewals(anna) == count, days


def test_a_number_too_large_to_say_anything_is_not_shown(
    administrator, vera_renewal, boris_renewal, monkeypatch
):
    monkeypatch.setattr(navigation, "MOST", 1)
    assert navigation._counts_of(administrator)["renewals"] == 0


def test_failed_jobs_are_counted_for_who_may_see_them(administrator, anna, now):
    Job.objects.create(kind="x", title="x", state="failed", created_at=now, not_before=now)
    assert navigation._counts_of(administrator)["jobs"] == 1
    assert navigation._counts_of(anna)["jobs"] == 0


def test_a_fragment_without_the_frame_counts_nothing(anna, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user = anna
    with django_assert_num_queries(0):
        context = navigation.frame(request)
    assert context is navigation.frame(request)


def test_the_person_is_told_with_role_and_links(anna):
    request = RequestFactory().get("/")
    request.user = anna
    person = navigation.frame(request)["person"]
    assert (person["name"], person["role"], person["language_url"]) == (
        "Анна Соколова",
        "Агент",
        "/account/language/",
    )
    assert [link["url"] for link in person["links"]] == [
        "/settings/",
        "/settings/alerts/",
        "/organisation/agents/me/",
    ]

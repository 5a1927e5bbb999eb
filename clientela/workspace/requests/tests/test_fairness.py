"""The page of fairness: chosen weeks, the file, the API, and who may not."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clientela.modules.requests.reports import this_week
from clientela.modules.routing.models import Dealt, Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def dealt(kazan, anna, moment):
    Desk.objects.create(user=anna, branch=kazan, idle_since=moment)
    for back, count in ((0, 2), (1, 7), (3, 5)):
        Dealt.objects.create(user=anna, day=this_week(moment) - timedelta(weeks=back), count=count)


def weeks(*backs):
    first, last = (this_week(timezone.now()) - timedelta(weeks=back) for back in backs)
    return {"first": first.isoformat(), "last": last.isoformat()}


def test_the_chosen_weeks_are_told(sign_in, branch_head, anna, dealt):
    page, url = sign_in(branch_head), reverse("requests:fairness")
    assert "14 <span" in page.get(url).text  # four weeks when nothing is chosen
    assert "7 <span" in page.get(url, weeks(1, 1)).text
    assert page.get(url, {"first": "x", "last": "32", "branch": "99"}).status_code == 200
    file = page.get(reverse("requests:fairness_file"), weeks(1, 1))
    lines = file.getvalue().decode().splitlines()
    assert len(lines) == 3
    assert lines[1].endswith(";7;7,0;;;;;")
    assert lines[2].split(";")[3:5] == ["7", "7,0"]
    told = page.get("/api/v1/request-fairness", weeks(3, 0)).json()
    assert [one["given"] for one in told[0]["weeks"]] == [5, 0, 7, 2]
    assert page.get("/api/v1/request-fairness", {"first": "x", "last": "y"}).status_code == 422


def test_an_agent_does_not_see_it(sign_in, anna, dealt):
    assert sign_in(anna).get(reverse("requests:fairness")).status_code == 403
    assert sign_in(anna).get("/api/v1/request-fairness", weeks(1, 0)).status_code == 403

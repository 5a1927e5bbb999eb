"""The page that prices next terms: its count, one run at a time, and what became of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from clientela.foundation.dates import local_today
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.modules.accounts.models import User
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.quotes.models import Calculation

PAGE = "/quotes/renewal-prices/"


def day(ahead: int) -> str:
    return (local_today(settings.TIME_ZONE, timezone.now()) + timedelta(days=ahead)).isoformat()


@pytest.fixture
def soon(family: Policy) -> Policy:
    """Вера's term ends in seventeen days."""
    family.end_date = local_today(settings.TIME_ZONE, timezone.now()) + timedelta(days=17)
    family.start_date = family.end_date - timedelta(days=364)
    family.save(update_fields=["start_date", "end_date"])
    return family


def test_counted_started_and_told(
    calculation: Calculation, soon: Policy, renewals_manager: User, sign_in: Callable[[User], Browser]
) -> None:
    """The registry told the class before, when Вера's calculation began."""
    browser = sign_in(renewals_manager)
    assert "1 договор" in browser.get(PAGE, {"since": day(0), "until": day(30)}).content.decode()
    assert "0 договоров" in browser.get(PAGE, {"since": day(20), "until": day(30)}).content.decode()
    assert browser.post(PAGE, {"since": day(0), "until": day(30)}).status_code == 302
    job = Job.objects.get(kind="quotes.prices")
    assert (job.total, job.created_by) == (1, renewals_manager)
    again = browser.post(PAGE, {"since": day(0), "until": day(30)})
    assert again.status_code == 422
    assert Job.objects.filter(kind="quotes.prices").count() == 1

    run_next(worker="one", now=timezone.now(), lease=timedelta(minutes=1))
    assert Project.objects.get(policy=soon).terms["factors"]
    page = browser.get(PAGE, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="price-runs").content.decode()
    assert "подготовлено" in page
    assert "every 2s" not in page


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (5, 4), (0, 93), (300, 370)])
def test_days_that_cannot_be(
    tariffs: None, soon: Policy, renewals_manager: User, sign_in: Callable[[User], Browser], first: int, last: int
) -> None:  # fmt: skip
    given = {"since": day(first), "until": day(last)}
    answer = sign_in(renewals_manager).post(PAGE, given)
    assert answer.status_code == 422
    assert f'value="{day(last)}"' in answer.content.decode()
    assert not Job.objects.exists()


def test_only_who_keeps_the_schedules(soon: Policy, anna: User, sign_in: Callable[[User], Browser]) -> None:
    assert sign_in(anna).get(PAGE).status_code == 403
    assert sign_in(anna).post(PAGE, {"since": day(0), "until": day(30)}).status_code == 403
    assert "renewal-prices" not in sign_in(anna).get("/renewals/").content.decode()

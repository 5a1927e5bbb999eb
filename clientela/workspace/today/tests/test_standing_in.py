"""The day of who stands in for an absent colleague."""

from datetime import timedelta

import pytest

from clientela.foundation.audit.models import Entry
from clientela.modules.organisation.models import Absence, Agent
from clientela.workspace.today.letters import draft
from clientela.workspace.today.tests.conftest import TODAY
from clientela.workspace.today.tests.helpers import HX, plain, tasks


@pytest.fixture
def away(anna, lilia, now):
    return Absence.objects.create(
        person=anna, substitute=lilia, first_day=TODAY, last_day=TODAY + timedelta(days=3), created_at=now
    )


def test_the_tasks_of_the_absent_are_marked(sign_in, lilia, day, away, ending, osago):
    ending(lilia.agent, osago, "Своя", days=6)
    response = sign_in(lilia).get("/")
    assert ("project", "Своя") in tasks(response)
    assert ("call", "Валиев") in tasks(response)
    shown = plain(response)
    assert shown.count("вместо: Анна Соколова") == len(tasks(response)) - 1 == 4


def test_the_work_is_done_as_if_it_were_the_own_and_the_journal_says_for_whom(sign_in, lilia, day, away):
    browser = sign_in(lilia)
    term = Agent.objects.get(code="AG-001").user.agent
    term = day_term(term)
    answer = browser.post(f"/renewals/{term.pk}/hold/", {"until": TODAY + timedelta(days=2)}, headers=HX)
    assert answer.status_code == 204
    entry = Entry.objects.get(action="renewal.hold")
    assert (entry.actor, entry.on_behalf_of) == (lilia, "Анна Соколова")


def day_term(agent):
    from clientela.modules.renewals.models import Renewal

    return Renewal.objects.filter(agent=agent).order_by("end_date").first()


def test_before_and_after_there_is_nothing(sign_in, lilia, day, away):
    Absence.objects.update(first_day=TODAY + timedelta(days=1))
    assert tasks(sign_in(lilia).get("/")) == []
    Absence.objects.update(first_day=TODAY - timedelta(days=5), last_day=TODAY - timedelta(days=1))
    assert tasks(sign_in(lilia).get("/")) == []


def test_letters_carry_the_substitutes_phone_only_when_asked(vera, vera_renewal, away):
    own, lent = "+7 917 200-01-01", "+7 917 200-03-03"
    assert own in draft("payment", vera, vera_renewal)[1]
    Absence.objects.update(shows_phone=True)
    text = draft("payment", vera, vera_renewal)[1]
    assert lent in text
    assert own not in text

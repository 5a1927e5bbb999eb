"""Who is told that a test is to be passed: in time, in their language, once."""

from datetime import date, datetime, timedelta

import pytest

from clientela.foundation.push.models import Alert
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Attempt, Reminder, Test
from clientela.modules.book.operations import reminding
from clientela.modules.book.tests.test_selling import take


def remind(now: datetime) -> int:
    return reminding.remind(now=now, url=lambda test: f"/training/{test}/")


def test_everybody_who_has_to_pass_is_told_once(
    anna: User, boris: User, kasko_test: Test, now: datetime
) -> None:
    Test.objects.update(required_from=date(2026, 12, 1))
    boris.language = "en"
    boris.save(update_fields=["language"])
    assert remind(now) == 2
    assert remind(now) == 0
    Alert.objects.all().delete()
    assert remind(now + timedelta(days=5)) == 0
    assert Reminder.objects.count() == 2


def test_the_words_are_in_the_persons_language(
    anna: User, boris: User, kasko_test: Test, now: datetime
) -> None:
    Test.objects.update(required_from=date(2026, 12, 1))
    boris.language = "en"
    boris.save(update_fields=["language"])
    remind(now)
    mine, other = Alert.objects.get(user=anna), Alert.objects.get(user=boris)
    assert (mine.title, mine.url) == ("КАСКО, тариф 13", f"/training/{kasko_test.pk}/")
    assert "01.12.2026" in mine.body
    assert "Dec" in other.body


@pytest.mark.parametrize(("ends", "told"), [(14, 1), (15, 0), (0, 1)])
def test_a_pass_that_ends_is_told_of_a_fortnight_before(
    anna: User, kasko_test: Test, now: datetime, ends: int, told: int
) -> None:
    take(anna, kasko_test, now, ["да"], ["а", "в"])
    Attempt.objects.update(valid_until=now.date() + timedelta(days=ends))
    assert remind(now) == told


def test_who_passed_for_long_or_sells_nothing_is_left_alone(
    anna: User, auditor: User, kasko_test: Test, now: datetime
) -> None:
    take(anna, kasko_test, now, ["да"], ["а", "в"])
    assert remind(now) == 0


def test_after_a_stop_the_rest_is_told(anna: User, boris: User, kasko_test: Test, now: datetime) -> None:
    Test.objects.update(required_from=date(2026, 12, 1))
    Reminder.objects.create(test=kasko_test, user=anna, until=date(2026, 11, 30), sent_at=now)
    assert remind(now) == 1
    assert list(Alert.objects.values_list("user_id", flat=True)) == [boris.pk]

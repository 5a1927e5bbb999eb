from datetime import time

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.contacts.models import CommunicationPolicy
from clientela.modules.contacts.operations import InvalidPolicy, current_policy, queue_message, set_policy
from clientela.modules.contacts.queries import policy_in_force

RULES = {
    "weekday_from": time(9), "weekday_to": time(21), "weekend_from": time(10), "weekend_to": time(19),
    "caps": {"service": {"day": 3, "week": 10}, "advertising": {"day": 1, "week": 2}}, "nda_patterns": [],
}  # fmt: skip


def test_the_shipped_policy_is_in_force_until_somebody_sets_one(db):
    assert current_policy().pk is None
    assert policy_in_force().caps == RULES["caps"]
    assert policy_in_force().hours.weekday_to == time(21)


def test_a_change_is_a_new_row_in_force_at_once(vera, renewals_manager, now):
    set_policy(actor=renewals_manager, now=now, **RULES)
    second = set_policy(
        actor=renewals_manager, now=now, **RULES | {"weekday_from": time(11), "nda_patterns": [" офис ", ""]}
    )

    assert CommunicationPolicy.objects.count() == 2
    assert (second.created_by, second.nda_patterns) == (renewals_manager, ["офис"])
    message = queue_message(now=now, actor=None, client=vera, channel="sms", text="Полис")
    assert (message.detail, message.not_before) == ("quiet_hours", now.replace(hour=11, minute=0))
    entry = Entry.objects.filter(action="policy.set").latest("id")
    assert entry.changes == {"weekday_from": ["09:00", "11:00"], "nda_patterns": [[], ["офис"]]}


def test_setting_what_is_in_force_changes_nothing(renewals_manager, now):
    first = set_policy(actor=renewals_manager, now=now, **RULES)

    assert set_policy(actor=renewals_manager, now=now, **RULES) == first
    assert CommunicationPolicy.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weekday_to": time(9)}, "weekday_to"),
        ({"weekend_to": time(8)}, "weekend_to"),
        ({"caps": {"service": {"day": -1}}}, "service_day"),
        ({"caps": {"service": {"week": 1001}}}, "service_week"),
        ({"caps": {"service": {"month": 1}}}, "caps"),
        ({"caps": {"spam": {"day": 1}}}, "caps"),
        ({"nda_patterns": ["(", "ok"]}, "nda_patterns"),
        ({"nda_patterns": ["x*"]}, "nda_patterns"),
        ({"nda_patterns": ["x" * 201]}, "nda_patterns"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(renewals_manager, now, change, field):
    with pytest.raises(InvalidPolicy) as error:
        set_policy(actor=renewals_manager, now=now, **RULES | change)

    assert list(error.value.errors) == [field]
    assert not CommunicationPolicy.objects.exists()


def test_an_agent_sets_no_policy(anna, now):
    with pytest.raises(PermissionDenied):
        set_policy(actor=anna, now=now, **RULES)

    assert not CommunicationPolicy.objects.exists()

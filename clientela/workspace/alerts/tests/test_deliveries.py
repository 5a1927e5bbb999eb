"""Who hears that documents did not come."""

from clientela.foundation.push.models import Alert
from clientela.modules.documents.events import DeliveryChanged
from clientela.modules.documents.models import Delivery, DeliveryStep
from clientela.workspace.alerts.handlers import on_delivery


def moved(policy, now, state, *, by=None, author=None):
    row = Delivery.objects.create(
        client=policy.client, policy=policy, way="courier", state=state, reason="никто не открыл", created_by=author,
        created_at=now, changed_at=now,
    )  # fmt: skip
    DeliveryStep.objects.create(delivery=row, state=state, at=now, by=by)
    event = DeliveryChanged(row.pk, row.client_id, row.policy_id, state)
    for _ in range(2):  # an event may come twice
        on_delivery(event, now=now)
    return row


def test_the_agent_and_who_sent_it_hear_of_a_failure_once(vera_policy, anna, lilia, now):
    moved(vera_policy, now, "not_delivered", author=lilia)
    rows = Alert.objects.order_by("user__last_name")
    assert [(row.user, row.topic, row.title) for row in rows] == [
        (lilia, "delivery", vera_policy.client.name), (anna, "delivery", vera_policy.client.name),
    ]  # fmt: skip
    assert rows[0].body == "Курьером: Не доставлено. никто не открыл"
    assert rows[0].url == "/deliveries/?show=wrong"


def test_nobody_hears_of_own_acts_nor_of_what_goes_well(vera_policy, anna, now):
    moved(vera_policy, now, "expired", by=anna, author=anna)
    moved(vera_policy, now, "delivered")
    assert not Alert.objects.exists()

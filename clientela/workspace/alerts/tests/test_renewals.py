"""Who hears that a client renews without them."""

from datetime import timedelta

from django.utils import translation

from clientela.foundation.push.models import Alert
from clientela.modules.contracts.operations import prepare_project
from clientela.modules.renewals.events import RenewedAlone
from clientela.workspace.alerts.handlers import on_renewed_alone


def test_the_agent_hears_once_that_the_client_renews_alone(vera_policy, anna, now):
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    event = RenewedAlone(project.pk, vera_policy.pk, vera_policy.client_id)
    with translation.override("ru"):
        for later in range(2):  # an event may come twice
            on_renewed_alone(event, now=now + timedelta(minutes=later))
    told = Alert.objects.get()
    assert (told.user, told.topic, told.title) == (anna, "renewal", vera_policy.client.name)
    assert told.body == "Перешёл на сайте к оплате продления: ОСАГО"
    project.agent = None
    project.save()
    on_renewed_alone(event, now=now)
    assert Alert.objects.count() == 1

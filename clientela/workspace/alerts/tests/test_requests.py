"""Who hears that a request ended without them."""

from django.utils import translation

from clientela.foundation.push.models import Alert
from clientela.modules.requests.events import RequestClosed
from clientela.modules.requests.operations import Incoming, receive
from clientela.workspace.alerts.handlers import on_request_closed


def test_who_has_the_request_hears_once_that_the_client_paid_on_the_site(kazan, anna, now):
    asked = Incoming(source="web", phone="+79870006319", name="Миннуллина Резеда", assignee_id=anna.pk)
    request = receive(actor=None, now=now, incoming=asked)
    with translation.override("ru"):
        on_request_closed(RequestClosed(request.pk, request.client_id, "price"), now=now)
        assert not Alert.objects.exists()
        for _ in range(2):  # an event may come twice
            on_request_closed(RequestClosed(request.pk, request.client_id, "sold"), now=now)
    told = Alert.objects.get()
    assert (told.user, told.topic, told.url) == (anna, "request", f"/requests/{request.pk}/")
    assert told.body.startswith("Куплено и оплачено на сайте")

"""Copies of a loaded base."""

from datetime import date

import pytest
from django.db import connection
from django.db.models import Count

from clientela.demo.load import load, make_company
from clientela.demo.scale import multiply
from clientela.foundation import phones
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.renewals.models import Renewal, Touch

TODAY = date(2026, 11, 18)


@pytest.mark.django_db
def test_three_times_as_much():
    load(make_company(clients=500, seed=4, today=TODAY, agents=20))
    models = (User, Client, ContactPoint, InsuredObject, Policy, Renewal, Message, Touch)
    before = {model: model.objects.count() for model in models}
    written = multiply(3)
    connection.check_constraints()
    assert {model: model.objects.count() for model in models} == {model: 3 * n for model, n in before.items()}
    assert written["clients_client"] == 2 * before[Client]
    once = Policy.objects.values("number_key", "start_date").annotate(n=Count("id")).filter(n__gt=1)
    assert not once.exists()
    vins = InsuredObject.objects.exclude(vin="")
    assert vins.values("vin").distinct().count() == vins.count()
    shared = (
        ContactPoint.objects.filter(kind="phone")
        .values("value")
        .annotate(n=Count("client_id"))
        .filter(n__gt=2)
    )
    assert not shared.exists()
    point = ContactPoint.objects.filter(kind="phone").order_by("-id")[0]
    assert phones.normalize(point.value) == point.value
    assert point.tail == phones.tail7(point.value)
    newest = Policy.objects.exclude(previous=None).order_by("-id")[0]
    assert newest.previous.client_id == newest.client_id == newest.insured_object.client_id
    assert newest.client.agent_id == newest.agent_id
    touch = Touch.objects.exclude(message_id=None).order_by("-id")[0]
    message = Message.objects.get(pk=touch.message_id)
    assert (message.origin_id, message.client_id) == (touch.pk, touch.renewal.client_id)
    assert Client.objects.create(last_name="Новый", name_key="новый", branch=touch.renewal.branch,
                                 created_at=touch.due_at, updated_at=touch.due_at).pk > newest.client_id  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("copies", [1, 81])
def test_only_sensible_numbers_of_copies(copies):
    with pytest.raises(ValueError, match="from 2 to 80"):
        multiply(copies)
    assert not Client.objects.exists()

"""Many operators at once: nobody gets the same client, and everybody who waits is given out."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.clients.models import Client
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.dialler.operations.taking import take_next

PEOPLE = 6


@pytest.mark.django_db(transaction=True)
def test_no_two_operators_get_the_same_client(
    ask: Callable[..., Entry], calling: CallingList, make_client: Callable[..., Client],
    make_user: Callable[..., User], anna: User, now: datetime,
) -> None:  # fmt: skip
    for number in range(PEOPLE):
        ask(make_client(anna.agent, f"Клиент{number}", phone=f"+7917000{number:04}"), number)
    people = [make_user(Role.RENEWALS_MANAGER, "О", f"Оператор{number}") for number in range(PEOPLE)]
    got: list[int] = []
    together = threading.Barrier(PEOPLE)

    def work(person: User) -> None:
        try:
            together.wait()
            entry = take_next(actor=person, now=now, calling=calling)
            if entry is not None:
                got.append(entry.client_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(Client.objects.values_list("pk", flat=True))

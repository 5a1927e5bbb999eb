"""Pages about personal data: two people to erase, who read a card, rules, and the client's own archive."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client as Browser
from django.utils import timezone

from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.privacy.models import DataFile, Erasure, RetentionRule
from clientela.workspace.privacy.reading import readers

SignIn = Callable[[User], Browser]


@pytest.fixture
def over(vera_policy: Policy) -> Client:
    """Вера, whose only policy is over."""
    Policy.objects.filter(pk=vera_policy.pk).update(start_date=date(2024, 1, 1), end_date=date(2024, 12, 31))
    return vera_policy.client


def test_one_asks_and_another_erases(
    over: Client, branch_head: User, administrator: User, anna: User, boris_client: Client, sign_in: SignIn
) -> None:
    page = f"/privacy/clients/{over.pk}/"
    first = sign_in(branch_head)
    assert first.get(page).status_code == 200
    assert first.get(f"/privacy/clients/{boris_client.pk}/").status_code == 404
    assert sign_in(anna).get(page).status_code == 403
    assert first.post(f"{page}erasure/", {"reason": "wish"}).status_code == 302
    row = Erasure.objects.get()
    shown = first.get(page).content.decode()
    assert 'value="erase"' not in shown
    assert 'value="keep"' in shown
    first.post(f"/privacy/erasures/{row.pk}/decision/", {"answer": "erase"})
    assert Client.objects.get(pk=over.pk).erased_at is None
    second = sign_in(administrator)
    assert str(over.pk) in second.get("/privacy/").content.decode()
    assert second.post(f"/privacy/erasures/{row.pk}/decision/", {"answer": "erase"}).status_code == 302
    assert Client.objects.get(pk=over.pk).erased_at is not None
    after = second.get(page).content.decode()
    assert over.last_name not in after
    assert second.get(f"/clients/{over.pk}/").status_code == 200
    assert second.get("/privacy/").status_code == 200


def test_what_runs_is_told_and_nothing_is_asked(
    vera_policy: Policy, branch_head: User, sign_in: SignIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        page = sign_in(branch_head).get(f"/privacy/clients/{vera_policy.client_id}/").content.decode()
        assert "Незакончившихся полисов: 1." in page
        sign_in(branch_head).post(f"/privacy/clients/{vera_policy.client_id}/erasure/", {"reason": "wish"})
    assert not Erasure.objects.exists()


def test_the_archive_is_taken_by_who_may(
    over: Client, branch_head: User, anna: User, make_user: Callable[..., User], sign_in: SignIn
) -> None:
    browser = sign_in(branch_head)
    browser.post(f"/privacy/clients/{over.pk}/data/")
    row = DataFile.objects.get()
    assert browser.get(f"/privacy/files/{row.pk}/").status_code == 404
    row.file.save("a.zip", ContentFile(b"zip"))
    taken = browser.get(f"/privacy/files/{row.pk}/")
    assert (taken.status_code, b"".join(taken.streaming_content)) == (200, b"zip")
    assert Entry.objects.get(action="client.read_data").actor == branch_head
    assert sign_in(anna).get(f"/privacy/files/{row.pk}/").status_code == 403
    DataFile.objects.update(expires_at=timezone.now())
    assert browser.get(f"/privacy/files/{row.pk}/").status_code == 404


def test_who_read_a_card_is_told_to_who_may_know(
    vera: Client, boris_client: Client, anna: User, auditor: User, sign_in: SignIn
) -> None:
    sign_in(anna).get(f"/clients/{vera.pk}/")
    page = sign_in(auditor).get(f"/privacy/clients/{vera.pk}/readers/").content.decode()
    assert str(anna) in page
    other = sign_in(auditor).get(f"/privacy/clients/{boris_client.pk}/readers/").content.decode()
    assert str(anna) not in other
    assert sign_in(anna).get(f"/privacy/clients/{vera.pk}/readers/").status_code == 403
    assert sign_in(auditor).get("/privacy/reading/").status_code == 200
    assert sign_in(auditor).get("/privacy/").status_code == 403


def test_unusual_reading(anna: User, boris: User, lilia: User, now: datetime) -> None:
    """Анна's thirty cards are ten times her usual day; Борис reads forty every day; Лилия reads at night."""

    def read(who: User, cards: int, at: datetime) -> None:
        for number in range(cards):
            record(actor=who, now=at, action="client.read", object_type="clients.client", object_id=number)

    for day in range(2, 6):
        read(anna, 3, now - timedelta(days=day))
        read(boris, 40, now - timedelta(days=day))
    read(anna, 30, now - timedelta(hours=1))
    read(boris, 40, now - timedelta(hours=1))
    read(lilia, 5, now.replace(hour=3))
    found = {one.user: (one.cards, one.usual, one.at_night, one.is_unusual) for one in readers(now)}
    assert found == {anna: (30, 3, 0, True), boris: (40, 40, 0, False), lilia: (5, 0, 5, True)}


def test_rules_are_changed_by_the_administrator(
    administrator: User, branch_head: User, sign_in: SignIn
) -> None:
    browser = sign_in(administrator)
    assert browser.get("/privacy/rules/").status_code == 200
    assert browser.post("/privacy/rules/", {"code": "prospects", "days": "x"}).status_code == 422
    assert (
        browser.post("/privacy/rules/", {"code": "prospects", "days": "400", "acts": "on"}).status_code == 302
    )
    row = RetentionRule.objects.get()
    assert (row.code, row.days, row.acts) == ("prospects", 400, True)
    assert sign_in(branch_head).post("/privacy/rules/", {"code": "prospects", "days": "1"}).status_code == 403
    assert RetentionRule.objects.get().days == 400

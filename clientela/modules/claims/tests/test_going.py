"""A claim goes its way, and the client is told of each step once."""

import threading
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from PIL import Image

from clientela.foundation.audit.models import Entry
from clientela.foundation.refusals import FileRefused
from clientela.modules.accounts.models import User
from clientela.modules.claims import operations, rules
from clientela.modules.claims.models import Claim, ClaimPhoto, Notice
from clientela.modules.claims.operations import telling
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Line

DAY = date(2026, 11, 1)


def photo(colour: str = "red") -> ContentFile:
    made = BytesIO()
    Image.new("RGB", (64, 48), colour).save(made, "JPEG")
    return ContentFile(made.getvalue(), "phone.jpg")


@pytest.fixture
def claim(vera_policy: Policy, now: datetime) -> Claim:
    return operations.open_claim(
        actor=None, now=now, policy=vera_policy, occurred_on=DAY, kind="collision", occurred_at=time(18, 40)
    )


def told() -> list[str]:
    return list(Message.objects.filter(origin=telling.ORIGIN).order_by("id").values_list("text", flat=True))


def test_osago_counts_twenty_days_without_public_holidays() -> None:
    assert rules.due_day(Line.OSAGO, date(2026, 11, 5)) == date(2026, 11, 25)
    assert rules.due_day(Line.OSAGO, date(2026, 10, 20)) == date(2026, 11, 10)  # 4 November does not count
    assert rules.due_day(Line.PROPERTY, date(2026, 10, 20)) == date(2026, 11, 19)


def test_a_company_may_promise_other_days(settings: object) -> None:
    settings.CLAIM_DAYS = {"kasko": 10}  # type: ignore[attr-defined]
    assert rules.due_day(Line.KASKO, date(2026, 10, 20)) == date(2026, 10, 30)


def test_every_step_is_told_once_with_the_link(claim: Claim, adjuster: User, now: datetime) -> None:
    later = now + timedelta(hours=1)
    for _again in range(2):
        operations.take_claim(actor=adjuster, now=later, claim=claim)
    for _again in range(2):
        operations.ask_papers(actor=adjuster, now=later, claim=claim, wanted="Справка о ДТП")
    for _again in range(2):
        operations.papers_came(actor=None, now=later, claim=claim)
    operations.settle_claim(actor=adjuster, now=later, claim=claim, status="paid", amount=Decimal("71700.00"))
    claim.refresh_from_db()
    words = told()
    assert len(words) == 4
    assert {one.state for one in Message.objects.filter(origin=telling.ORIGIN)} == {"queued"}
    assert all(operations.link_of(claim) in text for text in words)
    for part, text in zip((claim.number, "Виктор Рогов", "Справка о ДТП", "71\u00a0700"), words, strict=True):
        assert part in text, text
    assert [one.status for one in claim.steps.all()] == ["reported", "work", "waiting", "work", "paid"]
    assert claim.due_on == date(2026, 12, 8)
    assert Entry.objects.filter(action__startswith="claim.").count() == 5


def test_a_cut_between_the_step_and_the_telling_leaves_neither(
    claim: Claim, adjuster: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(telling, "queue_message", cut)
    with pytest.raises(KeyboardInterrupt):
        operations.take_claim(actor=adjuster, now=now, claim=claim)
    monkeypatch.undo()
    claim.refresh_from_db()
    assert (claim.status, claim.assignee, claim.steps.count(), len(told())) == ("reported", None, 1, 1)
    operations.take_claim(actor=adjuster, now=now, claim=claim)
    assert (claim.steps.count(), len(told())) == (2, 2)


def test_a_refusal_says_why(claim: Claim, adjuster: User, now: datetime) -> None:
    operations.settle_claim(
        actor=adjuster, now=now, claim=claim, status="refused", reason="Водитель не вписан в полис"
    )
    claim.refresh_from_db()
    assert (claim.reason, claim.amount, claim.assignee) == ("Водитель не вписан в полис", 0, adjuster)
    assert "Водитель не вписан в полис" in told()[-1]


def test_an_hour_yet_to_come_is_refused(vera_policy: Policy, now: datetime) -> None:
    with pytest.raises(operations.OutsideCover):
        operations.open_claim(
            actor=None, now=now, policy=vera_policy, occurred_on=now.date(), occurred_at=time(23)
        )
    assert not Claim.objects.exists()


def test_photos_lose_their_metadata_and_come_once(claim: Claim, anna: User, now: datetime) -> None:
    for _again in range(2):
        operations.keep_photo(actor=anna, now=now, claim=claim, view="front", file=photo())
    operations.keep_photo(actor=None, now=now, claim=claim, view="papers", file=photo("blue"))
    assert list(claim.photos.values_list("view", flat=True)) == ["front", "papers"]
    with pytest.raises(FileRefused):
        operations.keep_photo(actor=None, now=now, claim=claim, view="front", file=ContentFile(b"x", "x.jpg"))
    Claim.objects.filter(pk=claim.pk).update(status="paid")
    with pytest.raises(operations.AlreadySettled):
        operations.keep_photo(actor=None, now=now, claim=claim, view="front", file=photo("green"))
    assert ClaimPhoto.objects.count() == 2


def test_a_notice_becomes_one_claim_with_its_photos(vera: Client, vera_policy: Policy, now: datetime) -> None:
    notice = operations.notice_of(now=now, client=vera)
    assert operations.notice_of(now=now, client=vera) == notice
    operations.keep_answers(now=now, notice=notice, answers={"place": "Казань", "kind": "coll\x00ision"})
    kept = operations.keep_notice_photo(now=now, notice=notice, view="front", file=photo())
    dropped = operations.keep_notice_photo(now=now, notice=notice, view="back", file=photo("blue"))
    operations.drop_photo(now=now, notice=notice, photo=dropped)
    notice.refresh_from_db()
    assert notice.answers == {"place": "Казань", "kind": "collision"}
    made = [
        operations.send_notice(now=now, notice=notice, policy=vera_policy, occurred_on=DAY, kind="collision")
        for _again in range(2)
    ]
    assert made[0] == made[1] == Claim.objects.get()
    assert (list(made[0].photos.all()), made[0].channel, len(told())) == ([kept], "portal", 1)
    with pytest.raises(operations.NoticeMade):
        operations.keep_answers(now=now, notice=notice, answers={})
    assert operations.notice_of(now=now, client=vera) != notice


def test_forgotten_notices_go_with_their_photos(vera: Client, now: datetime) -> None:
    notice = operations.notice_of(now=now, client=vera)
    operations.keep_notice_photo(now=now, notice=notice, view="front", file=photo())
    assert operations.forget_notices(now=now + timedelta(days=29)) == 0
    assert operations.forget_notices(now=now + timedelta(days=31)) == 1
    assert not Notice.objects.exists()
    assert not ClaimPhoto.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_notices_at_once_are_one_claim(vera: Client, vera_policy: Policy, now: datetime) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("one writer at a time")
    found: list[int] = []

    def send() -> None:
        try:
            with transaction.atomic():
                claim = operations.open_claim(
                    actor=None, now=now, policy=vera_policy, occurred_on=DAY, notice_key="k" * 32
                )
            found.append(claim.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert set(found) == {Claim.objects.get().pk}
    assert len(told()) == 1

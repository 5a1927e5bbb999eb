"""Two cards become one client, and two again: nothing lost, nobody gets another person's answer."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core import serializers

from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import (
    Attachment,
    Client,
    ContactPoint,
    IdentityDocument,
    Merge,
    Note,
    Tag,
)
from clientela.modules.clients.operations import (
    CannotMerge,
    CannotSeparate,
    OutdatedVersion,
    merge_clients,
    refresh_completeness,
    separate_clients,
)
from clientela.modules.clients.operations.merge_log import relations_to
from clientela.modules.clients.queries import card_now
from clientela.modules.contacts.models import Consent, Conversation, Message
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contracts.models import Policy
from clientela.modules.routing.models import WorkItem

# Kept for good, whatever happens to cards.
JOURNALS = (
    "audit",
    "outbox",
    "sessions",
    "clients.merge",
    "routing",
    "push",
    "webhooks",
    "resolution.duecard",
)


@pytest.fixture
def stranger(make_client, anna, osago, make_policy, make_renewal, now):
    """Another card of Вера's with something of every kind on it."""
    card = make_client(
        anna.agent, "Орлова", "В", phone="+79170009999", email="vera.orlova@mail.example", snils="08765430300"
    )
    make_renewal(make_policy(card, osago, number="ХХХ 0500000001", end=date(2026, 12, 9)))
    ContactPoint.objects.create(client=card, kind="telegram", value="777", is_primary=True, created_at=now)
    IdentityDocument.objects.create(client=card, kind="passport", number="9208123441")
    Note.objects.create(client=card, text="Звонить вечером", created_at=now)
    Attachment.objects.create(
        client=card, file="clients/a.pdf", name="a.pdf", size=3, sha256="0" * 64, uploaded_at=now
    )
    card.tags.add(Tag.objects.create(name="дети"))
    Call.objects.create(direction="in", client=card, number="+79170009999", state="ended", started_at=now)
    refresh_completeness()
    return card


def everything():
    """Every row of the product but for its journals, and but for when and how often cards changed."""
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.label_lower.startswith(JOURNALS):
            for row in serializers.serialize("python", model._base_manager.order_by("pk")):
                row["fields"] = {k: v for k, v in row["fields"].items() if k not in ("version", "updated_at")}
                rows[row["model"], row["pk"]] = row["fields"]
    return rows


def test_the_survivor_gets_everything(vera, stranger, vera_renewal, branch_head, now):
    counted = {
        relation: relation.related_model._base_manager.filter(**{relation.field.name: stranger.pk}).count()
        for relation in relations_to(Client)
    }
    merge_clients(actor=branch_head, now=now, kept=vera, gone=stranger)
    assert not Client.objects.filter(pk=stranger.pk).exists()
    assert card_now(stranger.pk) == vera.pk
    for relation in counted:
        assert not relation.related_model._base_manager.filter(**{relation.field.name: stranger.pk}).exists()
    assert Policy.objects.filter(client=vera).count() == 2
    assert vera.contact_points.count() == 4  # the mail that both had is there once
    assert {point.value for point in vera.contact_points.filter(is_primary=True, kind="phone")} == {
        "+79170004108"
    }
    vera.refresh_from_db()
    assert (vera.first_name, vera.snils) == ("Вера", "08765430300")
    assert [tag.name for tag in vera.tags.all()] == ["дети"]


def test_parted_cards_are_what_they_were(vera, stranger, vera_renewal, write_in, branch_head, now):
    write_in("Это я", sender="777", channel="telegram", at=now - timedelta(hours=1))
    write_in("Сколько стоит?", at=now - timedelta(minutes=30))
    before = everything()
    merge = merge_clients(actor=branch_head, now=now, kept=vera, gone=stranger, take={"name", "phone"})
    assert everything() != before
    separate_clients(actor=branch_head, now=now + timedelta(days=3), merge=merge)
    after = everything()
    for key, fields in before.items():
        if key[0] == "contacts.conversation":  # whose they are and by when is decided anew
            for name in ("reasons", "answer_by", "assignee"):
                fields.pop(name), after[key].pop(name)
        assert after[key] == fields, key
    assert after.keys() == before.keys()


def test_an_answer_goes_to_who_wrote(vera, stranger, write_in, branch_head, anna, now):
    """Both cards have a Telegram chat; each question is answered where it was asked, before and after parting."""
    ContactPoint.objects.create(client=vera, kind="telegram", value="111", is_primary=True, created_at=now)
    theirs = write_in("Это я", sender="777", channel="telegram")
    hers = write_in("И я", sender="111", channel="telegram", at=now + timedelta(minutes=1))
    merge = merge_clients(actor=branch_head, now=now, kept=vera, gone=stranger)

    def answer(asked, client):
        asked.refresh_from_db()
        return queue_message(
            now=now, actor=anna, client=client, channel="telegram", text="Здравствуйте", purpose="service",
            origin="inbox.reply", in_reply_to=asked, contact_point=asked.contact_point,
        )  # fmt: skip

    assert answer(theirs, vera).address == "777"
    assert answer(hers, vera).address == "111"
    later = write_in("Ещё вопрос", sender="777", channel="telegram", at=now + timedelta(hours=1))
    assert later.client_id == vera.pk
    separate_clients(actor=branch_head, now=now + timedelta(hours=2), merge=merge)
    theirs.refresh_from_db(), later.refresh_from_db()
    assert (theirs.client_id, later.client_id) == (stranger.pk, stranger.pk)
    with pytest.raises(PermissionDenied):
        answer(later, vera)
    assert answer(later, stranger).address == "777"


def test_messages_to_a_doubled_address_follow_its_twin(vera, stranger, branch_head, now):
    """The mail that both cards had stays once: what was sent by the other's goes on by the survivor's, and back."""
    theirs, hers = (card.contact_points.get(kind="email") for card in (stranger, vera))
    sent = Message.objects.create(
        client=stranger, contact_point=theirs, direction="out", channel="email", address=theirs.value, text="…",
        state="sent", not_before=now, created_at=now,
    )  # fmt: skip
    merge = merge_clients(actor=branch_head, now=now, kept=vera, gone=stranger)
    sent.refresh_from_db()
    assert sent.contact_point == hers
    separate_clients(actor=branch_head, now=now, merge=merge)
    sent.refresh_from_db()
    assert sent.contact_point == theirs


def test_one_conversation_waits_for_both(vera, stranger, write_in, branch_head, now):
    write_in("Это я", sender="777", channel="telegram", at=now - timedelta(hours=1))
    write_in("Сколько стоит?", at=now)
    merge = merge_clients(actor=branch_head, now=now, kept=vera, gone=stranger)
    talk = Conversation.objects.get(client=vera)
    assert (talk.waiting_since, talk.last_text) == (now - timedelta(hours=1), "Сколько стоит?")
    assert [item.ref_id for item in WorkItem.objects.exclude(state=WorkItem.State.DONE)] == [talk.pk]
    separate_clients(actor=branch_head, now=now, merge=merge)
    both = {one.client_id: one for one in Conversation.objects.all()}
    assert (both[vera.pk].waiting_since, both[stranger.pk].waiting_since) == (now, now - timedelta(hours=1))
    waiting = WorkItem.objects.exclude(state=WorkItem.State.DONE)
    assert {item.ref_id for item in waiting} == {talk.pk for talk in both.values()}


def test_who_took_a_consent_back_took_it_back(vera, stranger, branch_head, now):
    """The later word counts: withdrawn on one card, given earlier on the other."""
    stranger.consents.filter(channel="sms").update(withdrawn_at=now - timedelta(days=1))
    merge = merge_clients(actor=branch_head, now=now, kept=vera, gone=stranger)
    assert not vera.consents.filter(channel="sms", withdrawn_at=None).exists()
    assert vera.consents.filter(channel="email", withdrawn_at=None).count() == 1
    separate_clients(actor=branch_head, now=now, merge=merge)
    assert Consent.objects.get(client=vera, channel="sms").withdrawn_at is None


def test_what_changed_since_stays(vera, stranger, branch_head, now):
    merge = merge_clients(actor=branch_head, now=now, kept=vera, gone=stranger)
    Client.objects.filter(pk=vera.pk).update(snils="11223344595")
    Note.objects.create(client=vera, text="Позже", created_at=now)
    separate_clients(actor=branch_head, now=now, merge=merge)
    assert Client.objects.get(pk=vera.pk).snils == "11223344595"
    assert [note.text for note in vera.notes.all()] == ["Позже"]


def test_chains_are_parted_from_the_end(vera, stranger, make_client, anna, branch_head, now):
    third = make_client(anna.agent, "Орлова", "Вера")
    first = merge_clients(actor=branch_head, now=now, kept=vera, gone=stranger)
    second = merge_clients(actor=branch_head, now=now, kept=third, gone=vera)
    assert card_now(stranger.pk) == third.pk
    with pytest.raises(PermissionDenied):  # the card it went into is not there to be seen
        separate_clients(actor=branch_head, now=now, merge=first)
    with pytest.raises(CannotSeparate):
        separate_clients(actor=None, now=now, merge=first)
    separate_clients(actor=branch_head, now=now, merge=second)
    separate_clients(actor=branch_head, now=now, merge=first)
    with pytest.raises(CannotSeparate):
        separate_clients(actor=branch_head, now=now, merge=first)
    assert Client.objects.filter(pk__in=[vera.pk, stranger.pk, third.pk]).count() == 3


@pytest.mark.parametrize("who", ["anna", "auditor", "marketer"])
def test_who_may_not(who, request, vera, stranger, now):
    with pytest.raises(PermissionDenied):
        merge_clients(actor=request.getfixturevalue(who), now=now, kept=vera, gone=stranger)


def test_refusals(vera, stranger, boris_client, branch_head, now):
    with pytest.raises(PermissionDenied):
        merge_clients(actor=branch_head, now=now, kept=vera, gone=boris_client)
    with pytest.raises(CannotMerge):
        merge_clients(actor=branch_head, now=now, kept=vera, gone=vera)
    with pytest.raises(OutdatedVersion):
        merge_clients(
            actor=branch_head,
            now=now,
            kept=vera,
            gone=stranger,
            versions=(vera.version, stranger.version + 1),
        )
    stranger.kind, stranger.company_name = Client.Kind.COMPANY, "ООО «Орлова»"
    stranger.save()
    with pytest.raises(CannotMerge):
        merge_clients(actor=branch_head, now=now, kept=vera, gone=stranger)
    assert not Merge.objects.exists()


def test_on_screen(vera, stranger, branch_head, sign_in):
    """Found by what is alike, compared, merged, found again under the old number, separated."""
    browser = sign_in(branch_head)
    assert (
        f"/clients/{vera.pk}/merge/{stranger.pk}/"
        in browser.get(f"/clients/{vera.pk}/merge/").content.decode()
    )
    assert (
        f"/clients/{vera.pk}/merge/{stranger.pk}/"
        in browser.get(f"/clients/{vera.pk}/merge/?q=9999").content.decode()
    )
    there = f"/clients/{vera.pk}/merge/{stranger.pk}/"
    page = browser.get(there + "?name=gone").content.decode()
    assert "Орлова Вера Николаевна" in page
    assert "08765430300" not in page
    stale = browser.post(there, {"kept": vera.version, "gone": stranger.version + 1, "note": "по телефону"})
    assert stale.status_code == 422
    assert "по телефону" in stale.content.decode()
    done = browser.post(
        there, {"kept": vera.version, "gone": stranger.version, "note": "по телефону"}, follow=True
    )
    assert done.redirect_chain == [(f"/clients/{vera.pk}/", 302)]
    assert browser.get(f"/clients/{stranger.pk}/").headers["Location"] == f"/clients/{vera.pk}/"
    merge = Merge.objects.get()
    assert (merge.note, f"/clients/merges/{merge.pk}/separation/" in done.content.decode()) == (
        "по телефону",
        True,
    )
    assert "по телефону" in browser.get(f"/clients/merges/{merge.pk}/separation/").content.decode()
    assert (
        browser.post(f"/clients/merges/{merge.pk}/separation/").headers["Location"]
        == f"/clients/{stranger.pk}/"
    )
    assert browser.post(f"/clients/merges/{merge.pk}/separation/").status_code == 409


def test_over_the_api(vera, stranger, branch_head, sign_in):
    browser, there = sign_in(branch_head), f"/api/v1/clients/{vera.pk}/merges"
    body = {
        "gone_client_id": stranger.pk,
        "version": vera.version,
        "gone_version": stranger.version,
        "take": ["phone"],
    }

    def post(path, key, data=None):
        return browser.post(
            path, data or {}, content_type="application/json", headers={"Idempotency-Key": key}
        )

    made = post(there, "1", body)
    assert (made.status_code, post(there, "1", body).json()["id"]) == (201, made.json()["id"])
    assert vera.contact_points.get(kind="phone", is_primary=True).value == "+79170009999"
    assert [row["gone_client_id"] for row in browser.get(there).json()["items"]] == [stranger.pk]
    parted = f"/api/v1/clients/merges/{made.json()['id']}/separation"
    assert post(parted, "2").json()["separated_at"]
    assert post(parted, "3").status_code == 409

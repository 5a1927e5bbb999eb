"""Letters on paper: who gets one, in which order, and that nothing is made or sent twice."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from pypdf import PdfReader

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.modules.clients.models import Address
from clientela.modules.contacts.models import Message, Template
from clientela.modules.letters import operations
from clientela.modules.letters.models import Letter, Mailing
from clientela.modules.letters.operations import making
from clientela.modules.letters.rules import NoSuchWindow, window_of

LEASE = timedelta(minutes=5)


@pytest.fixture
def text(db, now) -> Template:
    return Template.objects.create(
        code="address-letter", name="О переезде", channel="letter", subject="Мы переехали", state="approved",
        body="{greeting}, здравствуйте!\n\nМы переехали. Ваш агент {agent_name}.", created_at=now,
    )  # fmt: skip


@pytest.fixture
def people(make_client, anna) -> list:
    """Four clients: two with a whole address, one without a postcode, one who asked to be left alone."""
    rows = [
        ("Яковлев", "Пётр", "420111", "ул. Баумана, 7", False),
        ("Абрамова", "Ольга", "420015", "ул. Пушкина, 1", False),
        ("Безымянов", "Олег", "", "ул. Пушкина, 2", False),
        ("Тихонов", "Илья", "420015", "ул. Пушкина, 3", True),
    ]
    made = []
    for last, first, code, street, silent in rows:
        client = make_client(anna.agent, last, first, do_not_contact=silent)
        Address.objects.create(client=client, city="Казань", postal_code=code, street=street, is_primary=True)
        made.append(client)
    return made


@pytest.fixture
def begun(text, people, administrator, now, settings, tmp_path) -> Mailing:
    settings.MEDIA_ROOT = tmp_path
    return operations.begin_mailing(
        actor=administrator, now=now, name="", template=text, clients=[one.pk for one in people]
    )


def make(mailing: Mailing, renewals_manager, now) -> Mailing:
    operations.approve_mailing(actor=renewals_manager, now=now, mailing=mailing)
    assert run_next(worker="w", now=now, lease=LEASE)
    mailing.refresh_from_db()
    return mailing


def words(mailing: Mailing) -> list[str]:
    with default_storage.open(mailing.file) as file:
        return [page.extract_text() for page in PdfReader(io.BytesIO(file.read())).pages]


def test_a_page_for_each_client_in_the_order_of_postcodes(begun, renewals_manager, now, people) -> None:
    mailing = make(begun, renewals_manager, now)
    assert mailing.state == Mailing.State.READY
    rows = list(
        mailing.letters.order_by("number", "id").values_list(
            "client__last_name", "number", "pages", "state", "reason"
        )
    )
    assert sorted(rows, key=lambda row: row[0]) == [
        ("Абрамова", 1, 1, "accepted", ""),
        ("Безымянов", None, 0, "refused", "contact_point"),
        ("Тихонов", None, 0, "refused", "do_not_contact"),
        ("Яковлев", 2, 1, "accepted", ""),
    ]
    first, second = words(mailing)
    assert "Абрамова Ольга\nул. Пушкина, 1\nКазань\n420015" in first
    assert "Ольга, здравствуйте!" in first
    assert "Ваш агент Анна Соколова." in second
    messages = Message.objects.filter(channel="letter").order_by("id")
    assert {(one.client.last_name, one.state) for one in messages} == {
        ("Абрамова", "queued"), ("Яковлев", "queued"), ("Безымянов", "dropped"), ("Тихонов", "dropped"),
    }  # fmt: skip
    assert all(one.verdict["checks"] for one in messages)


@pytest.mark.parametrize("step", ["_judge", "_number", "_print", "_join"])
def test_a_job_cut_anywhere_goes_on_and_makes_nothing_twice(
    step, begun, renewals_manager, now, monkeypatch
) -> None:
    monkeypatch.setattr(making, "JUDGED", 2)
    monkeypatch.setattr(making, "PRINTED", 1)
    operations.approve_mailing(actor=renewals_manager, now=now, mailing=begun)
    whole, calls = getattr(making, step), []

    def dying(run, mailing, moment) -> None:
        calls.append(1)
        whole(run, mailing, moment)
        raise KeyboardInterrupt  # after the work, before it is kept

    monkeypatch.setitem(making._STEPS, step[1:], dying)
    with pytest.raises(KeyboardInterrupt):
        run_next(worker="dead", now=now, lease=LEASE)
    monkeypatch.setitem(making._STEPS, step[1:], whole)
    assert run_next(worker="next", now=now + timedelta(days=400), lease=LEASE)
    begun.refresh_from_db()
    assert (begun.state, len(words(begun)), len(calls)) == (Mailing.State.READY, 2, 1)
    assert Message.objects.filter(channel="letter").count() == 4
    assert sorted(default_storage.listdir("letters")[1]) == [f"{begun.pk}.pdf"]


def test_handed_to_the_post_once_without_those_who_asked_meanwhile(
    begun, renewals_manager, administrator, now, people
) -> None:
    mailing = make(begun, renewals_manager, now)
    Message.objects.filter(client=people[0], channel="letter").update(state="dropped")
    assert operations.hand_to_post(actor=administrator, now=now, mailing=mailing) == 1
    with pytest.raises(operations.WrongMoment):
        operations.hand_to_post(actor=administrator, now=now, mailing=mailing)
    assert set(mailing.letters.filter(number__isnull=False).values_list("client__last_name", "state")) == {
        ("Абрамова", "posted"), ("Яковлев", "withdrawn"),
    }  # fmt: skip
    assert Message.objects.get(client=people[1], channel="letter").sent_at == now
    with pytest.raises(operations.WrongMoment):
        operations.cancel_mailing(actor=administrator, now=now, mailing=mailing)


def test_cancelled_before_the_post_nobody_gets_one(
    begun, renewals_manager, administrator, now, django_capture_on_commit_callbacks
) -> None:
    mailing = make(begun, renewals_manager, now)
    name = mailing.file
    with django_capture_on_commit_callbacks(execute=True):
        operations.cancel_mailing(actor=administrator, now=now, mailing=mailing)
    assert set(Message.objects.filter(channel="letter").values_list("state", flat=True)) == {"dropped"}
    assert not default_storage.exists(name)
    assert list(Entry.objects.filter(object_type="letters.mailing").order_by("id").values_list("action", flat=True)) == [
        "mailing.begun", "mailing.approved", "mailing.cancelled",
    ]  # fmt: skip


def test_another_person_approves(begun, administrator, now) -> None:
    with pytest.raises(operations.OwnMailing):
        operations.approve_mailing(actor=administrator, now=now, mailing=begun)
    assert not Job.objects.exists()
    begun.refresh_from_db()
    assert begun.state == Mailing.State.WAITING


def test_only_clients_in_sight_get_letters(text, people, boris_client, team_lead, now) -> None:
    ids = [people[0].pk, boris_client.pk]
    mailing = operations.begin_mailing(actor=team_lead, now=now, name="x", template=text, clients=ids)
    assert list(mailing.letters.values_list("client_id", flat=True)) == [people[0].pk]
    with pytest.raises(operations.NoClients):
        operations.begin_mailing(actor=team_lead, now=now, name="x", template=text, clients=[boris_client.pk])
    assert Mailing.objects.count() == 1


def test_a_letter_about_a_policy_names_it_or_is_not_written(
    text, vera, vera_renewal, people, administrator, renewals_manager, now, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    Template.objects.filter(pk=text.pk).update(body="Полис {number} заканчивается {end_date}.")
    Address.objects.create(client=vera, city="Казань", postal_code="420111", street="ул. Баумана, 9")
    mailing = operations.begin_mailing(
        actor=administrator, now=now, name="", template=text, clients=[people[0].pk], terms=[(vera.pk, vera_renewal.pk)]
    )  # fmt: skip
    make(mailing, renewals_manager, now)
    assert dict(mailing.letters.values_list("client_id", "reason")) == {people[0].pk: "no_term", vera.pk: ""}
    assert vera_renewal.policy.number in words(mailing)[0]


def test_envelopes() -> None:
    assert window_of("din").left == 20
    assert window_of("10,20.5,90,40").top == 20.5
    for wrong in ("c4", "1,2,3", "150,40,90,40", "-1,0,10,10"):
        with pytest.raises(NoSuchWindow):
            window_of(wrong)


def test_letters_of_others_are_not_seen(begun, team_lead, marketer) -> None:
    assert not Mailing.objects.visible_to(team_lead).exists()
    assert Mailing.objects.visible_to(marketer).get() == begun
    assert Letter.objects.count() == 4

"""The pages of the chat: doors by role, reading, writing, people."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clientela.modules.chat.models import Membership, Message, MessageFile, Room
from clientela.modules.chat.operations import messages, rooms

HTMX = {"HX-Request": "true"}


@pytest.fixture
def told(anna, lilia, boris, vera):
    """A room of each kind with a message and a file by Анна."""
    now = timezone.now()
    made = {
        "direct": rooms.open_direct(actor=anna, now=now, person=lilia),
        "group": rooms.create_group(actor=anna, now=now, title="КАСКО", people=[boris.pk]),
        "record": rooms.open_record(actor=anna, now=now, record_type="client", record_id=vera.pk),
    }
    for room in made.values():
        file = SimpleUploadedFile("scan.pdf", b"scan")
        messages.say(actor=anna, now=now, room=room, text="Секретное слово", files=[file])
    return made


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("anna", {"direct", "group", "record"}),
        ("lilia", {"direct"}),
        ("boris", {"group"}),
        ("team_lead", {"record"}),
        ("branch_head", {"record"}),
        ("centre_operator", {"record"}),
        ("administrator", {"record"}),
        ("auditor", {"record"}),
    ],
)
def test_nobody_reads_a_room_they_are_not_in(request, sign_in, told, who, kinds, vera):
    """By page, fragment, API, file, search, live and a write: each door opens for the same rooms."""
    user = request.getfixturevalue(who)
    page = sign_in(user)
    for kind, room in told.items():
        message = room.messages.get()
        file = MessageFile.objects.get(message=message)
        doors = [
            reverse("chat:room", args=[room.pk]), reverse("chat:thread", args=[room.pk]),
            reverse("chat:composer", args=[room.pk]), reverse("chat:calling", args=[room.pk]),
            reverse("chat:file", args=[file.pk]), f"/api/v1/chat/rooms/{room.pk}",
            f"/api/v1/chat/rooms/{room.pk}/messages", f"/api/v1/chat/rooms/{room.pk}/people",
            f"/api/v1/chat/files/{file.pk}",
        ]  # fmt: skip
        expected = 200 if kind in kinds else 404
        for url in doors:
            answer = page.get(url)
            assert (url, answer.status_code) == (url, expected)
            if answer.streaming:
                assert b"".join(answer.streaming_content)
        written = page.post(reverse("chat:say", args=[room.pk]), {"text": "Я тоже"}).status_code
        assert (kind, written) == (kind, 302 if expected == 200 else 404)
        assert room.messages.count() == 1 + (expected == 200)
    found = page.get("/api/v1/chat/search?q=секретное").json()
    # Who has just written in a discussion follows it.
    assert {one["room_id"] for one in found} == {told[kind].pk for kind in kinds}


def test_a_person_moved_out_of_scope_loses_the_room_at_once(sign_in, told, team_lead, vera, boris):
    page, url = sign_in(team_lead), reverse("chat:room", args=[told["record"].pk])
    assert page.get(url).status_code == 200

    vera.agent, vera.branch = boris.agent, boris.agent.branch
    vera.save()
    assert page.get(url).status_code == 404
    assert page.post(reverse("chat:say", args=[told["record"].pk]), {"text": "x"}).status_code == 404


def test_the_list_names_rooms_and_counts_what_is_unread(sign_in, told, lilia, anna):
    page = sign_in(lilia)
    text = page.get("/chat/").content.decode()
    assert "Анна Соколова" in text
    assert "1 непрочитанное сообщение" in text

    page.get(reverse("chat:room", args=[told["direct"].pk]))
    assert "непрочитанное" not in page.get("/chat/").content.decode()
    mine = sign_in(anna).get(reverse("chat:room", args=[told["direct"].pk])).content.decode()
    assert "прочитано" in mine


def test_a_hidden_page_reads_nothing(sign_in, told, lilia):
    page, url = sign_in(lilia), reverse("chat:thread", args=[told["direct"].pk])
    page.get(url, headers={**HTMX, "X-Hidden": "1"})
    assert Membership.objects.get(user=lilia).read_number == 0
    page.get(url, headers=HTMX)
    assert Membership.objects.get(user=lilia).read_number == 1


def test_statements_of_a_page_do_not_grow(sign_in, told, anna, lilia):
    page, url, now = sign_in(anna), reverse("chat:room", args=[told["direct"].pk]), timezone.now()
    messages.say(actor=lilia, now=now, room=told["direct"], text="Ответ")
    page.get(url)
    with CaptureQueriesContext(connection) as few:
        page.get(url)
    for number in range(60):
        messages.say(actor=lilia, now=now, room=told["direct"], text=f"Слово {number}")
    for number in range(20):
        rooms.create_group(actor=anna, now=now, title=f"Группа {number}", people=[lilia.pk])
    page.get(url)
    with CaptureQueriesContext(connection) as many:
        text = page.get(url).content.decode()
    assert len(many) == len(few)
    assert "Слово 59" in text
    assert "Слово 19<" not in text
    assert "Раньше" in text
    older = page.get(reverse("chat:thread", args=[told["direct"].pk]) + "?before=23").content.decode()
    assert "Слово 19" in older
    assert "Секретное слово" in older


def test_words_are_inert_and_links_can_be_followed(sign_in, told, anna):
    page, room = sign_in(anna), told["direct"]
    page.post(
        reverse("chat:say", args=[room.pk]), {"text": "<script>x</script> https://prichal.example/a?b=1&c=2"}
    )
    text = page.get(reverse("chat:thread", args=[room.pk])).content.decode()
    assert "<script>x" not in text
    assert 'href="https://prichal.example/a?b=1&amp;c=2" rel="nofollow"' in text


def test_a_message_is_changed_and_deleted_by_its_author_only(sign_in, told, anna, lilia):
    room, message = told["direct"], told["direct"].messages.get()
    other, page = sign_in(lilia), sign_in(anna)
    assert other.post(reverse("chat:delete", args=[message.pk])).status_code == 404
    other.post(reverse("chat:say", args=[room.pk]), {"text": "Иначе", "edit": message.pk})
    message.refresh_from_db()
    assert message.text == "Секретное слово"

    page.post(reverse("chat:say", args=[room.pk]), {"text": "Новое слово", "edit": message.pk}, headers=HTMX)
    assert "изменено" in page.get(reverse("chat:thread", args=[room.pk])).content.decode()
    answer = page.post(reverse("chat:delete", args=[message.pk]), headers=HTMX)
    assert reverse("chat:restore", args=[message.pk]) in answer.headers["HX-Trigger"]
    text = page.get(reverse("chat:thread", args=[room.pk])).content.decode()
    assert "Сообщение удалено" in text
    assert "Новое слово" not in text


def test_the_hour_over_says_why(sign_in, told, anna):
    message = told["direct"].messages.get()
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - timedelta(hours=2))
    answer = sign_in(anna).post(
        reverse("chat:say", args=[told["direct"].pk]), {"text": "Позже", "edit": message.pk}, headers=HTMX
    )
    assert answer.status_code == 422
    assert "в течение часа" in answer.content.decode()


def test_the_first_words_make_the_room_and_refused_ones_do_not(sign_in, anna, lilia, vera):
    page = sign_in(anna)
    for url in (reverse("chat:with", args=[lilia.pk]), reverse("chat:on", args=["client", vera.pk])):
        assert page.get(url).status_code == 200
        assert page.post(url, {"text": " "}, headers=HTMX).status_code == 422
        assert not Room.objects.filter(messages=None).exists()
        answer = page.post(url, {"text": "Начнём"}, headers=HTMX)
        assert "HX-Redirect" in answer.headers or "discussion-begun" in answer.headers["HX-Trigger"]
        assert page.get(url).status_code == 302
    assert Room.objects.count() == 2
    assert "Начнём" in page.get(reverse("chat:on", args=["client", vera.pk]), headers=HTMX).content.decode()


def test_a_record_out_of_sight_has_no_discussion(sign_in, boris, vera, vera_renewal):
    page = sign_in(boris)
    for kind, pk in (("client", vera.pk), ("renewal", vera_renewal.pk), ("user", boris.pk)):
        for answer in (
            page.get(f"/chat/on/{kind}/{pk}/"),
            page.post(f"/chat/on/{kind}/{pk}/", {"text": "x"}),
        ):
            assert answer.status_code == 404
    assert not Room.objects.exists()


def test_a_group_is_made_and_its_people_change(sign_in, anna, lilia, boris):
    page = sign_in(anna)
    assert page.post("/chat/new/", {"title": "", "people": [lilia.pk]}).status_code == 422
    made = page.post("/chat/new/", {"title": "Осмотры", "people": [lilia.pk]})
    room = Room.objects.get(title="Осмотры")
    assert made.url == reverse("chat:room", args=[room.pk])

    people = reverse("chat:people", args=[room.pk])
    assert sign_in(boris).get(people).status_code == 404
    sign_in(lilia).post(people, {"people": [boris.pk], "title": "Чужое имя"})
    room.refresh_from_db()
    assert (room.title, rooms.people_in(room)) == ("Осмотры", {anna.pk, lilia.pk, boris.pk})
    removal = reverse("chat:remove", args=[room.pk, boris.pk])
    assert sign_in(lilia).post(removal).status_code == 404
    page.post(removal)
    page.post(reverse("chat:leave", args=[room.pk]))
    room.refresh_from_db()
    assert (room.owner, rooms.people_in(room)) == (lilia, {lilia.pk})


def test_a_draft_waits(sign_in, told, anna):
    page, room = sign_in(anna), told["group"]
    page.post(reverse("chat:draft", args=[room.pk]), {"text": "Недописано"})
    assert "Недописано</textarea>" in page.get(reverse("chat:room", args=[room.pk])).content.decode()


def test_the_palette_finds_groups_and_colleagues(sign_in, told, boris):
    text = sign_in(boris).get("/search/palette/?q=каско").content.decode()
    assert reverse("chat:room", args=[told["group"].pk]) in text
    text = sign_in(boris).get("/search/palette/?q=закиро").content.decode()
    assert "Лилия Закирова" in text


def test_reactions_are_counted_with_names_and_pressed_by_who_put_them(sign_in, anna, lilia, boris, told):
    message = told["direct"].messages.get()
    url = reverse("chat:react", args=[message.pk])
    page = sign_in(lilia)
    picker = page.get(reverse("chat:reacting", args=[message.pk])).content.decode()
    assert picker.count("<button") == 6
    answer = page.post(url, {"emoji": "🎉"}, headers=HTMX)
    assert (answer.status_code, "said-changed" in answer.headers["HX-Trigger"]) == (204, True)
    said = page.get(reverse("chat:thread", args=[told["direct"].pk])).content.decode()
    assert 'aria-pressed="true" title="Лилия Закирова" aria-label="🎉 1: Лилия Закирова"' in said
    said = sign_in(anna).get(reverse("chat:thread", args=[told["direct"].pk])).content.decode()
    assert 'aria-pressed="false" title="Лилия Закирова"' in said
    stranger = sign_in(boris)
    assert stranger.post(url, {"emoji": "🎉"}, headers=HTMX).status_code == 404
    assert stranger.get(reverse("chat:reacting", args=[message.pk])).status_code == 404
    body = {"emoji": "🎉"}
    options = {"content_type": "application/json", "headers": {"Idempotency-Key": "react-once"}}
    gone = page.post(f"/api/v1/chat/said/{message.pk}/reactions", body, **options)
    assert (gone.status_code, gone.json()["reactions"]) == (200, [])

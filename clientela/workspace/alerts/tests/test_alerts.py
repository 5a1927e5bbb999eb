"""Who is alerted of what, the settings, and what pages ask for."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from clientela.foundation.outbox.operations import deliver
from clientela.foundation.push.models import Alert, Preference, Subscription
from clientela.foundation.push.operations import choose
from clientela.modules.calls.models import Call
from clientela.modules.calls.operations.callbacks import ask_back
from clientela.modules.chat.operations import messages, rooms
from clientela.modules.organisation.models import Absence
from tests.cast import VERAS_PHONE


def run_events():
    while deliver(worker="w", now=timezone.now(), lease=timedelta(minutes=1)):
        pass


def heard(*people):
    """``{surname: [topic, …]}`` of the people who heard something."""
    rows = Alert.objects.filter(user__in=people).order_by("id").values_list("user__last_name", "topic")
    told: dict[str, list[str]] = {}
    for name, topic in rows:
        told.setdefault(name, []).append(topic)
    return told


@pytest.fixture
def say():
    def write(actor, room, text):
        messages.say(actor=actor, now=timezone.now(), room=room, text=text)
        run_events()

    return write


def test_a_group_tells_all_but_the_author_and_calls_by_name(say, anna, lilia, boris):
    room = rooms.create_group(actor=anna, now=timezone.now(), title="КАСКО", people=[lilia.pk, boris.pk])
    say(anna, room, "@Закирова, готово?")

    assert heard(anna, lilia, boris) == {"Закирова": ["mention"], "Ершов": ["group"]}
    alert = Alert.objects.get(user=lilia)
    assert (alert.title, alert.body, alert.url) == (
        "Анна Соколова · КАСКО", "@Закирова, готово?", reverse("chat:room", args=[room.pk]),
    )  # fmt: skip


def test_a_silent_room_tells_only_who_is_called(say, anna, lilia):
    room = rooms.open_direct(actor=anna, now=timezone.now(), person=lilia)
    rooms.mute(actor=lilia, now=timezone.now(), room=room, muted=True)
    say(anna, room, "Привет")
    say(anna, room, "@Закирова, ты здесь?")

    assert heard(anna, lilia) == {"Закирова": ["mention"]}


def test_what_is_read_already_alerts_nobody(anna, lilia):
    room = rooms.open_direct(actor=anna, now=timezone.now(), person=lilia)
    message = messages.say(actor=anna, now=timezone.now(), room=room, text="Привет")
    room.refresh_from_db()
    rooms.mark_read(actor=lilia, now=timezone.now(), room=room, number=message.number)
    run_events()

    assert heard(lilia) == {}


def test_who_lost_the_record_hears_nothing(say, anna, team_lead, vera, boris):
    room = rooms.open_record(actor=anna, now=timezone.now(), record_type="client", record_id=vera.pk)
    say(team_lead, room, "Слежу")
    vera.agent, vera.branch = boris.agent, boris.agent.branch
    vera.save()
    Alert.objects.all().delete()
    say(boris, room, "Теперь мой клиент")

    assert heard(anna, team_lead) == {}


def test_a_client_who_writes_alerts_the_assignee_once_a_message(write_in, vera, anna, team_lead):
    write_in("Сколько стоит?", at=timezone.now() - timedelta(seconds=2))
    run_events()
    run_events()
    assert heard(anna, team_lead) == {"Соколова": ["message"]}

    write_in("Ау?", at=timezone.now() - timedelta(seconds=1))
    run_events()
    assert heard(anna, team_lead) == {"Соколова": ["message", "message"]}


def test_nobodys_queue_is_told_to_those_who_want_it_and_see_it(write_in, vera, anna, team_lead, lilia, boris):
    for person in (team_lead, boris):
        choose(actor=person, now=timezone.now(), ways={"queue": ["page"]})
    anna.is_active = False
    anna.save()
    write_in("Сколько стоит?", at=timezone.now())
    run_events()

    talk = vera.conversation
    assert talk.assignee_id is None
    assert heard(team_lead, boris, lilia) == {"Галиев": ["queue"]}


def test_settings_are_kept_and_journalled(sign_in, anna):
    page, url = sign_in(anna), reverse("alerts:settings")
    data = {
        "direct-page": "on",
        "queue-sound": "on",
        "quiet_from": "21:00",
        "quiet_to": "08:00",
        "shows_words": "on",
    }
    assert page.post(url, data).status_code == 302

    kept = Preference.objects.get(user=anna)
    assert (kept.ways["direct"], kept.ways["queue"], kept.ways["mention"]) == (["page"], ["sound"], [])
    assert (f"{kept.quiet_from:%H:%M}", kept.shows_words) == ("21:00", True)
    assert page.post(url, {"quiet_from": "21:00"}).status_code == 422
    page.post(reverse("alerts:hush"), {"on": "1"})
    kept.refresh_from_db()
    assert kept.quiet_until > timezone.now() + timedelta(minutes=59)
    assert (kept.ways["direct"], kept.shows_words) == (["page"], True)


def test_a_page_asks_what_came_after_the_last_it_knows(sign_in, anna, lilia, say):
    page = sign_in(anna)
    start = page.get(reverse("alerts:news")).json()
    assert (start["items"], start["last"]) == ([], 0)
    say(lilia, rooms.open_direct(actor=lilia, now=timezone.now(), person=anna), "Привет")

    news = page.get(f"{reverse('alerts:news')}?after=0").json()
    assert [(one["title"], one["body"], one["sound"]) for one in news["items"]] == [
        ("Лилия Закирова", "Привет", True)
    ]
    assert news["counts"] == {"/chat/": 1, "/inbox/": 0}
    assert page.get(f"{reverse('alerts:news')}?after={news['last']}").json()["items"] == []
    assert sign_in(lilia).get(f"{reverse('alerts:news')}?after=0").json()["items"] == []


def test_a_browser_is_added_and_taken_off_by_its_person(sign_in, anna, lilia, push_service, settings):
    settings.DEMO = True
    page, add = sign_in(anna), reverse("alerts:add_browser")
    assert page.post(add, {"endpoint": "nonsense"}).status_code == 422
    assert page.post(add, push_service.subscribe("anna")).status_code == 204

    found = Subscription.objects.get(user=anna)
    removal = reverse("alerts:remove_browser", args=[found.pk])
    assert sign_in(lilia).post(removal).status_code == 404
    assert sign_in(lilia).delete(f"/api/v1/me/alerts/browsers/{found.pk}").status_code == 404
    assert [one["id"] for one in page.get("/api/v1/me/alerts/browsers").json()] == [found.pk]
    page.post(removal)
    assert not Subscription.objects.exists()


def test_the_api_changes_only_what_is_named(sign_in, anna):
    page, url = sign_in(anna), "/api/v1/me/alerts/settings"
    page.patch(
        url, {"ways": {"direct": ["page"]}, "quiet_from": "21:00", "quiet_to": "08:00"}, "application/json"
    )
    answer = page.patch(url, {"shows_words": True}, "application/json").json()

    assert (answer["ways"]["direct"], answer["quiet_from"], answer["shows_words"]) == (
        ["page"],
        "21:00:00",
        True,
    )
    assert answer["ways"]["mention"] == ["page", "push", "sound"]
    assert page.patch(url, {"ways": {"weather": []}}, "application/json").status_code == 422


def test_a_missed_call_tells_whose_client_it_is_and_who_stands_in(anna, lilia, boris, vera, now):
    Absence.objects.create(
        person=anna, substitute=lilia, first_day=now.date(), last_day=now.date(), created_at=now
    )
    for tried in (1, 2):
        call = Call.objects.create(
            direction="in", client=vera, agent=anna.agent, branch=vera.branch, number=VERAS_PHONE, state="ended",
            started_at=now, ended_at=now, outcome="missed",
        )  # fmt: skip
        with transaction.atomic():
            ask_back(call, "missed", now)
        with time_machine.travel(now, tick=False):
            run_events()
        assert heard(anna, lilia, boris) == {
            "Соколова": ["missed_call"] * tried,
            "Закирова": ["missed_call"] * tried,
        }
    assert Alert.objects.filter(user=anna).values_list("title", flat=True)[0] == vera.name

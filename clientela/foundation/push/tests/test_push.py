"""Alerts, and what reaches a browser: the push service here opens what it gets with the browser's own keys."""

from datetime import time, timedelta

import pytest
from django.utils.translation import gettext_lazy

from clientela.foundation.push.keys import vapid
from clientela.foundation.push.models import Alert, Delivery, Key, Subscription
from clientela.foundation.push.operations import BadSubscription, choose, notify, subscribe, tidy
from clientela.foundation.push.sending import WORTH, send_due

LEASE = timedelta(minutes=1)
WORDS = {"title": "Анна Соколова", "body": "Клиентка ждёт звонка", "url": "/chat/5/"}


@pytest.fixture(autouse=True)
def _this_machine(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    settings.DEMO = True  # the service here has no certificate


@pytest.fixture
def tell(now):
    def tell(*people, topic="mention", key="chat:1", at=now):
        return notify(user_ids=[one.pk for one in people], topic=topic, key=key, now=at, **WORDS)

    return tell


@pytest.fixture
def phone(push_service, lilia, now):
    """Лилия's browser."""
    return subscribe(actor=lilia, now=now, browser="Chrome", **push_service.subscribe("lilia"))


def send(now):
    return send_due(worker="w", now=now, lease=LEASE)


def test_a_browser_gets_neutral_words_signed_by_the_installation(push_service, phone, tell, lilia, now):
    tell(lilia)
    assert send(now) == 1

    (taken,) = push_service.taken
    alert = Alert.objects.get()
    assert taken.said == {
        "title": "Вас упомянули в чате", "body": "", "url": "/chat/5/", "tag": f"alert-{alert.pk}",
    }  # fmt: skip
    assert taken.key == vapid().browser
    assert taken.claims["sub"] == "mailto:push@prichal.example"
    assert taken.claims["aud"] == "http://127.0.0.1"
    assert (taken.headers["ttl"], taken.headers["topic"]) == ("14400", f"alert-{alert.pk}")
    assert Delivery.objects.get().state == "done"


def test_who_wants_it_sees_who_and_what(push_service, phone, tell, lilia, now):
    choose(actor=lilia, now=now, ways={}, shows_words=True)
    tell(lilia)
    send(now)

    assert push_service.taken[0].said["title"] == "Анна Соколова"
    assert push_service.taken[0].said["body"] == "Клиентка ждёт звонка"


def test_words_are_said_in_each_persons_language(tell, anna, lilia, now):
    anna.language = "en"
    anna.save(update_fields=["language"])
    title = gettext_lazy("A reminder of the calendar")
    notify(user_ids=[anna.pk, lilia.pk], topic="reminder", title=title, body="", url="/", now=now, key="x")

    titles = dict(Alert.objects.values_list("user__last_name", "title"))
    assert titles == {"Соколова": "A reminder of the calendar", "Закирова": "Напоминание календаря"}


def test_the_same_thing_is_told_once(phone, tell, lilia):
    assert [tell(lilia), tell(lilia)] == [1, 0]
    assert (Alert.objects.count(), Delivery.objects.count()) == (1, 1)


def test_each_way_is_the_persons_choice(phone, tell, lilia, now):
    choose(actor=lilia, now=now, ways={"mention": ["page"], "direct": []})
    assert tell(lilia) == 1
    assert tell(lilia, topic="direct", key="chat:2") == 0

    alert = Alert.objects.get()
    assert (alert.on_page, alert.with_sound, Delivery.objects.count()) == (True, False, 0)


def test_quiet_hours_leave_the_page_only(phone, tell, lilia, now):
    choose(actor=lilia, now=now, ways={}, quiet_from=time(10), quiet_to=time(11))
    tell(lilia)
    tell(lilia, key="chat:2", at=now + timedelta(minutes=30))

    sounds = list(Alert.objects.order_by("id").values_list("on_page", "with_sound"))
    assert sounds == [(True, False), (True, True)]
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(push_service, phone, tell, lilia, now, status):
    push_service.does = status
    tell(lilia)
    send(now)

    assert (Subscription.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again(push_service, phone, tell, lilia, now, status):
    push_service.does, push_service.retry_after = status, "60"
    tell(lilia)
    assert [send(now), send(now + timedelta(seconds=59))] == [1, 0]

    push_service.does = 201
    assert send(now + timedelta(seconds=60)) == 1
    assert len(push_service.taken) == 1
    assert Subscription.objects.get().heard_at == now + timedelta(seconds=60)


def test_a_refusal_is_final(push_service, phone, tell, lilia, now):
    push_service.does = 403
    tell(lilia)
    send(now)

    assert (Delivery.objects.get().state, Delivery.objects.get().fault) == ("failed", "status 403")
    assert send(now + timedelta(hours=1)) == 0


def test_what_a_dead_worker_held_is_sent_by_the_next_with_the_same_tag(push_service, phone, tell, lilia, now):
    tell(lilia)
    send(now)
    Delivery.objects.update(
        state="running", claimed_by="dead", lease_until=now
    )  # as if it had died before the mark
    assert send(now) == 0
    assert send(now + timedelta(seconds=1)) == 1

    assert [taken.said["tag"] for taken in push_service.taken] == [f"alert-{Alert.objects.get().pk}"] * 2


def test_old_news_is_not_sent(push_service, phone, tell, lilia, now):
    tell(lilia)
    send(now + WORTH + timedelta(seconds=1))

    assert push_service.taken == []
    assert Delivery.objects.get().fault == "late"


def test_a_closed_network_is_not_written_to(push_service, phone, tell, lilia, now, settings):
    settings.WEBHOOK_NETWORKS = []
    tell(lilia)
    send(now)

    assert push_service.taken == []
    assert Delivery.objects.get().fault == "forbidden"


def test_a_browser_belongs_to_who_used_it_last(push_service, phone, anna, now):
    subscribe(
        actor=anna, now=now, endpoint=phone.endpoint, p256dh=phone.p256dh, auth=phone.auth, browser="Chrome"
    )

    assert [one.user for one in Subscription.objects.all()] == [anna]


@pytest.mark.parametrize(
    "wrong",
    [{"endpoint": "ftp://push.example/"}, {"p256dh": "AAAA"}, {"auth": "AAAA"}, {"endpoint": "https://"}],
)
def test_nonsense_is_no_subscription(push_service, lilia, now, wrong):
    with pytest.raises(BadSubscription):
        subscribe(actor=lilia, now=now, **push_service.subscribe("x") | wrong)
    assert not Subscription.objects.exists()


def test_the_key_is_made_once_and_kept_sealed(db):
    first = vapid()

    assert vapid() == first
    assert "PRIVATE" not in Key.objects.get().sealed


def test_alerts_are_forgotten_after_a_week(phone, tell, lilia, now):
    tell(lilia)
    tell(lilia, key="chat:2", at=now + timedelta(days=3))
    tidy(now=now + timedelta(days=8))

    assert [alert.key for alert in Alert.objects.all()] == ["chat:2"]

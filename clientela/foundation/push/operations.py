"""Telling people that something came, and what they choose about it."""

import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.bulk import insert_missing, insert_rows, listed
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.push.events import AlertRaised
from clientela.foundation.push.models import Alert, Delivery, Preference, Subscription
from clientela.foundation.push.rules import is_quiet
from clientela.foundation.push.topics import PAGE, PUSH, SOUND, TOPICS, WAYS
from clientela.foundation.refusals import Refusal

MOST_BROWSERS = 20
MOST_PEOPLE_AN_EVENT = 20
KEEP = timedelta(days=7)
TITLE, BODY, URL = 120, 200, 200


class BadSubscription(Refusal):
    """What the browser sent is no subscription that could be written to."""

    message = _("This browser's subscription cannot be used. Try once more.")


class UnknownTopic(Refusal):
    """There are no alerts about this."""

    message = _("There is no such kind of alert.")
    field = "ways"


@transaction.atomic
def notify(
    *, user_ids: Iterable[int], topic: str, title: Any, body: Any, url: str, now: datetime, key: str
) -> int:
    """Tell these people of something of ``topic``; returns how many hear of it. Who knows the ``key`` hears nothing.

    ``title`` and ``body`` may be lazy: everybody reads them in the own language. ``url`` is a path of ours.
    """
    people = {user.pk: user for user in _people(user_ids)}
    known = Alert.objects.filter(user__in=listed(people), key=key).values_list("user_id", flat=True)
    for user_id in known:
        del people[user_id]
    rows, pushed = [], []
    for user in people.values():
        chosen = _choice(user)
        ways = chosen.ways_of(topic)
        if not ways:
            continue
        local = now.astimezone(ZoneInfo(user.time_zone))
        quiet = is_quiet(local, start=chosen.quiet_from, end=chosen.quiet_to, until=chosen.quiet_until)
        with translation.override(user.language):
            words = {"title": str(title)[:TITLE], "body": str(body)[:BODY]}
        rows.append(
            {
                "user": user.pk, "topic": topic, "key": key, **words, "url": url[:URL], "on_page": PAGE in ways,
                "with_sound": SOUND in ways and not quiet, "created_at": now,
            }
        )  # fmt: skip
        if PUSH in ways and not quiet:
            pushed.append(user.pk)
    if not rows:
        return 0
    insert_missing(Alert, rows)
    _deliver(pushed, key, now)
    told = [row["user"] for row in rows]
    parts = range(0, len(told), MOST_PEOPLE_AN_EVENT)
    publish_all([AlertRaised(told[at : at + MOST_PEOPLE_AN_EVENT]) for at in parts], now=now)
    return len(rows)


def _people(user_ids: Iterable[int]) -> Any:
    users = get_user_model()._default_manager.filter(pk__in=listed(set(user_ids)), is_active=True)
    return users.select_related("alerting").order_by("pk")


def _choice(user: Any) -> Preference:
    """What the person chose; the defaults while nothing was."""
    found = getattr(user, "alerting", None)
    return found if isinstance(found, Preference) else Preference(user=user)


def _deliver(user_ids: Collection[int], key: str, now: datetime) -> None:
    """A delivery for each browser of these people, whose alerts have just been written."""
    if not user_ids:
        return
    alerts = dict(Alert.objects.filter(user__in=listed(user_ids), key=key).values_list("user_id", "pk"))
    browsers = (
        Subscription.objects.filter(user__in=listed(alerts)).order_by("pk").values_list("pk", "user_id")
    )
    insert_rows(
        Delivery,
        [
            {
                "alert": alerts[user_id], "subscription": pk, "state": Delivery.State.PENDING, "attempts": 0,
                "next_attempt_at": now, "fault": "", "claimed_by": "",
            }
            for pk, user_id in browsers
        ],
    )  # fmt: skip


def wanting(topic: str) -> "Any":
    """Ids of the people who chose to hear of a topic that is silent by itself."""
    rows = Preference.objects.filter(**{f"ways__{topic}__isnull": False}).values_list("user_id", "ways")
    return {user_id for user_id, ways in rows if ways[topic]}


def preference_of(user: Any) -> Preference:
    """The person's choice as it is kept, or the defaults."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


@transaction.atomic
def choose(
    *, actor: Any, now: datetime, ways: Mapping[str, Iterable[str]], quiet_from: time | None = None,
    quiet_to: time | None = None, quiet_until: datetime | None = None, shows_words: bool = False,
) -> Preference:  # fmt: skip
    """Keep how ``actor`` wants to hear of what. Raises UnknownTopic."""
    if not set(ways) <= set(TOPICS) or any(set(chosen) - set(WAYS) for chosen in ways.values()):
        raise UnknownTopic
    values = {
        "ways": {topic: sorted(chosen, key=WAYS.index) for topic, chosen in ways.items()},
        "quiet_from": quiet_from, "quiet_to": quiet_to, "quiet_until": quiet_until, "shows_words": shows_words,
    }  # fmt: skip
    kept = preference_of(actor)
    changes = changed(kept, values)
    if changes:
        kept = Preference.objects.update_or_create(user=actor, defaults=values)[0]
        record(actor=actor, now=now, action="alerts.chosen", obj=actor, changes=changes)
    return kept


@transaction.atomic
def subscribe(
    *, actor: Any, now: datetime, endpoint: str, p256dh: str, auth: str, browser: str = ""
) -> Subscription:
    """Let this browser show notifications to ``actor``; it belongs to one person at a time. Raises BadSubscription."""
    _check(endpoint, p256dh, auth)
    digest = hashlib.sha256(endpoint.encode()).hexdigest()
    Subscription.objects.filter(digest=digest).exclude(user=actor).delete()
    values = {"endpoint": endpoint, "p256dh": p256dh, "auth": auth, "browser": browser[:120]}
    kept, created = Subscription.objects.update_or_create(
        digest=digest, user=actor, defaults=values, create_defaults=values | {"created_at": now}
    )
    if created:
        too_many = Subscription.objects.filter(user=actor).values_list("pk", flat=True)[MOST_BROWSERS:]
        Subscription.objects.filter(pk__in=list(too_many)).delete()
        record(
            actor=actor, now=now, action="alerts.browser_added", obj=actor, changes={"browser": ["", browser]}
        )
    return kept


@transaction.atomic
def unsubscribe(*, actor: Any, now: datetime, subscription: Subscription) -> None:
    """This browser shows nothing any more."""
    subscription.delete()
    changes = {"browser": [subscription.browser, ""]}
    record(actor=actor, now=now, action="alerts.browser_removed", obj=actor, changes=changes)


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    try:
        parts = urlsplit(endpoint)
        plain = parts.scheme == "http" and settings.DEMO
        if not parts.hostname or not (parts.scheme == "https" or plain) or len(endpoint) > 1000:
            raise ValueError(endpoint)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(p256dh))
        if len(_decoded(auth)) != 16:
            raise ValueError(auth)
    except ValueError:
        raise BadSubscription from None


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def tidy(*, now: datetime) -> int:
    """Forget alerts older than a week, with what was sent of them."""
    return Alert.objects.filter(created_at__lt=now - KEEP).delete()[0]

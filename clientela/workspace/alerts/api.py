"""A person's alerts for other programs."""

from datetime import datetime, time
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.api.values import Clock
from clientela.foundation.push.models import Alert, Subscription
from clientela.foundation.push.operations import UnknownTopic, choose, preference_of, unsubscribe
from clientela.foundation.push.topics import TOPICS
from clientela.modules.accounts.access import caller, signed_in

router = Router(tags=["me"])
map_problem(UnknownTopic, 422)
Way = Literal["page", "sound", "push"]


class AlertOut(Schema):
    """Something that came for the person."""

    id: int
    topic: str
    title: str
    body: str
    url: str
    created_at: datetime


class AlertSettingsOut(Schema):
    """How the person wants to hear of what, and when not."""

    ways: dict[str, list[str]]
    quiet_from: time | None
    quiet_to: time | None
    quiet_until: datetime | None
    shows_words: bool


class AlertSettingsIn(Schema):
    """What to change; left out means unchanged, also a topic."""

    ways: Annotated[dict[str, list[Way]], Field(max_length=20)] | None = None
    quiet_from: Clock | None = None
    quiet_to: Clock | None = None
    shows_words: bool | None = None


class AlertBrowserOut(Schema):
    """A browser that shows the person's notifications."""

    id: int
    browser: str
    created_at: datetime
    heard_at: datetime | None


def _settings(request: HttpRequest) -> dict[str, Any]:
    kept = preference_of(caller(request))
    ways = {topic: sorted(kept.ways_of(topic)) for topic in TOPICS}
    return {"ways": ways} | {
        name: getattr(kept, name) for name in ("quiet_from", "quiet_to", "quiet_until", "shows_words")
    }


@router.get("/me/alerts", response=Page[AlertOut])
@signed_in
def list_alerts(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """What came within a week, newest first."""
    rows = Alert.objects.filter(user=caller(request))
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.get("/me/alerts/settings", response=AlertSettingsOut)
@signed_in
def alert_settings(request: HttpRequest) -> Any:
    return _settings(request)


@router.patch("/me/alerts/settings", response=AlertSettingsOut)
@signed_in
def change_alert_settings(request: HttpRequest, body: AlertSettingsIn) -> Any:
    given = body.dict(exclude_unset=True)
    kept = preference_of(caller(request))
    values = {name: getattr(kept, name) for name in ("quiet_from", "quiet_to", "quiet_until", "shows_words")}
    values |= {name: value for name, value in given.items() if name != "ways"}
    if values["shows_words"] is None:
        values["shows_words"] = kept.shows_words
    ways = kept.ways | (given.get("ways") or {})
    choose(actor=request.user, now=timezone.now(), ways=ways, **values)
    return _settings(request)


@router.get("/me/alerts/browsers", response=list[AlertBrowserOut])
@signed_in
def alert_browsers(request: HttpRequest) -> Any:
    return list(Subscription.objects.filter(user=caller(request)))


@router.delete("/me/alerts/browsers/{browser_id}", response={204: None})
@signed_in
def remove_alert_browser(request: HttpRequest, browser_id: int) -> Any:
    """That browser shows nothing any more."""
    user = caller(request)
    found = Subscription.objects.get(user=user, pk=browser_id)
    unsubscribe(actor=user, now=timezone.now(), subscription=found)
    return Status(204, None)

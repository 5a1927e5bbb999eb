"""What the pages of webhooks show."""

from dataclasses import dataclass

from django.db.models import QuerySet

from clientela.foundation.webhooks.models import Delivery, Endpoint

WAITING = [Delivery.State.PENDING, Delivery.State.RUNNING]
PAGE = 50
SHOWN_TABS = {"": None, "waiting": WAITING, "failed": [Delivery.State.FAILED], "done": [Delivery.State.DONE]}
COUNTED = 10_000


@dataclass(frozen=True)
class Line:
    """An address in the list; counts stop at ten thousand."""

    endpoint: Endpoint
    waiting: int
    failed: int
    last: Delivery | None


def endpoints() -> list[Line]:
    """Every address with its figures; there are at most fifty."""
    lines = []
    for row in Endpoint.objects.order_by("name", "id"):
        sent = Delivery.objects.filter(endpoint=row)
        last = (
            sent.filter(tried_at__isnull=False).only("tried_at", "state", "endpoint").order_by("-id").first()
        )
        lines.append(Line(row, _count(sent.filter(state__in=WAITING)), count_failed(row), last))
    return lines


def _count(rows: "QuerySet[Delivery]") -> int:
    return rows.values("pk")[:COUNTED].count()


def troubled() -> int:
    """Addresses that were switched off because they failed; shown in the navigation."""
    return Endpoint.objects.filter(off__in=[Endpoint.Off.FAILING, Endpoint.Off.GONE]).count()


@dataclass(frozen=True)
class Page:
    """Deliveries, the newest first; ``older`` is where the next page begins."""

    rows: list[Delivery]
    older: int | None


def deliveries(endpoint: Endpoint, *, state: str, before: int | None) -> Page:
    rows = Delivery.objects.filter(endpoint=endpoint).defer("body", "answer").order_by("-id")
    states = SHOWN_TABS.get(state)
    if states:
        rows = rows.filter(state__in=states)
    if before:
        rows = rows.filter(id__lt=before)
    found = list(rows[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def count_failed(endpoint: Endpoint) -> int:
    """Deliveries that gave up, counted to ten thousand."""
    return _count(Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.FAILED))

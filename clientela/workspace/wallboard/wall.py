"""What stands on the wall: figures of the day, who waits, who does what, the day by half-hours."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.modules.calls.figures.counting import Day, waiting
from clientela.modules.calls.figures.rules import SLOT, SLOTS, Totals, judged
from clientela.modules.calls.models import Call
from clientela.modules.routing.queries import COMPANY, queue_names
from clientela.workspace.routing.words import queue_title
from clientela.workspace.wallboard import words
from clientela.workspace.wallboard.line import Line
from clientela.workspace.wallboard.people import counts, doing

MOST_WAITING, MOST_PEOPLE, MOST_QUEUES = 4, 14, 6
FIRST_SLOT, LAST_SLOT = 16, 40  # 8:00–20:00, wider where there were calls
PLOT_HEIGHT = 52
LONG_TALK = timedelta(minutes=6)


def context(line: Line, *, names: bool) -> dict[str, Any]:
    """Everything of the page; without ``names`` nobody is named, neither clients nor staff."""
    today, before = line.day(line.today), line.day(line.today - timedelta(days=1))
    talks = line.conversations()
    queue, people = list(waiting(line.place).select_related("client", "our")[:500]), doing(line)
    return {
        "line": line, "title": line.title, "local": line.now.astimezone(line.zone), "figures": figures(line, today.total, before.total),
        "waiting": len(queue), "waiting_rows": [_waits(call, line) for call in queue[:MOST_WAITING]],
        "waiting_more": max(0, len(queue) - MOST_WAITING),
        "counts": [one | {"count": counts(people)[key]} for key, one in _COUNTED().items()],
        "people": [_person(one, line) for one in people if one.is_there][:MOST_PEOPLE] if names else [],
        "queues": _queues(line, today), "plot": plot(line, today), "names": names,
        "conversations": talks, "in_time": _percent(talks.share),
    }  # fmt: skip


def figures(line: Line, sums: Totals, before: Totals) -> dict[str, Any]:
    """The day in figures, each with its words."""
    aim = line.aim.answer_share / 100
    kind = judged(sums.level, aim)
    return {
        "totals": sums, "within": line.aim.answer_within, "aim": line.aim.answer_share, "kind": kind,
        "word": words.judgement(kind), "icon": words.JUDGED[kind], "level": _percent(sums.level), "yesterday": _percent(before.level),
        "abandonment": _percent(sums.abandonment), "asa": words.clock(sums.asa), "talk": words.clock(sums.talk),
        "wrap_up": words.clock(sums.wrap_up), "aht": words.clock(sums.aht),
    }  # fmt: skip


def _percent(share: float | None) -> int | None:
    return None if share is None else round(share * 100)


def _COUNTED() -> dict[str, dict[str, str]]:
    return {
        key: {"label": label, "kind": kind}
        for key, label, kind in (
            ("talking", pgettext("operators", "talk"), "info"), ("available", pgettext("operators", "free"), "good"), ("wrap_up", pgettext("operators", "wrap up"), ""),
        )
    }  # fmt: skip


def _waits(call: Call, line: Line) -> dict[str, Any]:
    """Since when somebody waits and what for; neither the name nor the number of the client."""
    late = call.queued_at is not None and line.now - call.queued_at > timedelta(
        seconds=line.aim.answer_within
    )
    why = call.reason or (call.our.label if call.our else "") or _("A call")
    known = call.client.get_loyalty_display() if call.client is not None else _("a first call")
    return {"since": call.queued_at, "late": late, "why": why, "who": known, "call": call}


def _person(one: Any, line: Line) -> dict[str, Any]:
    long = one.state == "talking" and one.since is not None and line.now - one.since > LONG_TALK
    lasted = int((line.now - one.since).total_seconds()) // 3600 if one.since is not None else 0
    hours = pgettext("length", "%(n)s h") % {"n": lasted} if lasted else ""
    return {"doing": one, "long": long, "hours": hours, **words.state(one)}


def _queues(line: Line, today: Day) -> list[dict[str, Any]]:
    """Each centre and branch of the whole company: where most waits, and their levels."""
    if line.queue != COMPANY:
        return []
    now: dict[str, list[Call]] = {}
    for call in waiting(line.place)[:500]:
        now.setdefault(_key(call.centre_id, call.branch_id), []).append(call)
    sums = {_key(*place): totals for place, totals in today.places.items()}
    keys = sorted(
        {*now, *sums}, key=lambda key: (-len(now.get(key, [])), -sums.get(key, Totals()).offered, key)
    )
    names = queue_names(keys[:MOST_QUEUES])
    rows = []
    for key in keys[:MOST_QUEUES]:
        totals, here = sums.get(key, Totals()), now.get(key, [])
        kind = judged(totals.level, line.aim.answer_share / 100)
        rows.append(
            {
                "key": key, "title": queue_title(key, names.get(key, "")), "waiting": len(here), "totals": totals,
                "since": here[0].queued_at if here else None, "level": _percent(totals.level), "kind": kind,
                "word": words.judgement(kind), "icon": words.JUDGED[kind],
            }
        )  # fmt: skip
    return rows


def _key(centre_id: int | None, branch_id: int | None) -> str:
    return f"centre:{centre_id}" if centre_id else f"branch:{branch_id}" if branch_id else COMPANY


def plot(line: Line, today: Day) -> list[dict[str, Any]]:
    """The day by half-hours: what came, and what is still expected."""
    expected = line.forecast(line.today).volumes
    local = line.now.astimezone(line.zone)
    current = local.hour * 2 + (local.minute >= SLOT.seconds // 60)
    shown = [n for n in range(SLOTS) if today.slots[n].offered or expected[n] >= 1]
    first, last = min([FIRST_SLOT, *shown]), max([LAST_SLOT, *(n + 1 for n in shown)])
    most = max([1.0, *expected, *(slot.offered for slot in today.slots)])
    return [_bar(n, today.slots[n], expected[n], most, current, line) for n in range(first, last)]


def _bar(n: int, sums: Totals, expected: float, most: float, current: int, line: Line) -> dict[str, Any]:
    time, ahead = f"{n // 2}:{'30' if n % 2 else '00'}", n > current
    kind = judged(sums.level, line.aim.answer_share / 100)
    values = {"time": time, "n": round(expected) if ahead else sums.offered}
    if ahead:
        said = _("%(time)s: %(n)s calls are expected") % values
    else:
        values |= {"answered": sums.answered, "lost": sums.abandoned, "level": _percent(sums.level) or 0}
        said = _("%(time)s: %(n)s calls, %(answered)s answered, %(lost)s lost, in time %(level)s %%") % values
    height = PLOT_HEIGHT / most
    return {
        "hour": "" if n % 2 else n // 2, "time": time, "said": said, "ahead": ahead, "now": n == current, "kind": kind,
        "height": round((expected if ahead else sums.offered - sums.abandoned) * height, 1),
        "lost": 0 if ahead else round(sums.abandoned * height, 1), "totals": sums, "expected": expected,
    }  # fmt: skip

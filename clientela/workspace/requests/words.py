"""Requests, their reasons and their people in words."""

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, npgettext, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.modules.requests.models import Request, Step
from clientela.modules.requests.queries import title
from clientela.modules.routing.desks import Part
from clientela.modules.routing.rules.reasons import Why
from clientela.modules.routing.rules.wording import describe, skill_name

ICONS = {
    "web": "world", "widget": "browser", "chat": "message-circle", "message": "message", "call": "phone",
    "missed": "phone-x", "email": "mail", "api": "api", "partner": "building-store", "hand": "pencil",
}  # fmt: skip
STEPS = {
    "came": ("plus", "info"), "joined": ("rotate-clockwise", "info"), "assigned": ("route", ""), "given": ("user-share", ""),
    "back": ("arrow-back-up", "warn"), "late": ("alarm", "bad"), "taken": ("user-check", "good"), "working": ("phone-call", "good"),
    "sales": ("arrow-forward-up", "info"), "named": ("user-question", ""), "deal": ("circle-check", "good"),
    "sold": ("circle-check", "good"), "closed": ("x", ""), "reopened": ("rotate", "info"),
}  # fmt: skip


def lang() -> str:
    return get_language() or "ru"


def minutes(span: timedelta) -> str:
    """«7 мин», «2 ч 10 мин», «3 дня»."""
    whole = max(round(span / timedelta(minutes=1)), 0)
    if whole < 60:
        return _("%(n)s min") % {"n": whole}
    if whole < 60 * 24:
        return _("%(hours)s h %(minutes)s min") % {"hours": whole // 60, "minutes": whole % 60}
    days = whole // (60 * 24)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def source(request: Request) -> str:
    """Where it came from: the partner, else the kind, and that it came again."""
    campaign = request.utm.get("utm_source", "")
    parts = [request.partner or str(request.get_source_display())]
    if campaign:
        parts.append(campaign)
    if request.times > 1:
        parts.append(_("again"))
    return ", ".join(parts)


def what(request: Request) -> str:
    """«КАСКО, Omoda C5»."""
    parts = [request.product.name if request.product else "", request.about]
    return ", ".join(part for part in parts if part) or _("no product named")


def answer(request: Request, now: datetime) -> dict[str, str]:
    """What is said of the first answer: kind of the badge, icon and words; no kind: plain words."""
    if request.state == Request.State.CLOSED and request.taken_at is None:
        return {"kind": "", "icon": "", "text": str(request.get_reason_display())}
    if request.at_marketing and request.is_open:
        return {"kind": "off", "icon": "speakerphone", "text": _("at marketing")}
    if request.taken_at is not None:
        text = _("taken in %(time)s") % {"time": minutes(request.taken_at - request.created_at)}
        if request.state == Request.State.CLOSED:
            text = str(request.get_reason_display())
        elif request.state == Request.State.DEAL:
            return {"kind": "good", "icon": "circle-check", "text": _("became a deal")}
        return {"kind": "", "icon": "", "text": text}
    left = (request.due_at or now) - now
    if left < timedelta():
        return {
            "kind": "bad",
            "icon": "alert-circle",
            "text": _("overdue by %(time)s") % {"time": minutes(-left)},
        }
    return {"kind": "warn", "icon": "clock", "text": _("%(time)s left") % {"time": minutes(left)}}


def why_short(request: Request) -> str:
    """«КАСКО, Казань, 6 из 10»: beside the person's name in the list."""
    if not request.why:
        return ""
    reason = request.why[-1]
    match Why(reason["why"]):
        case Why.OWNER | Why.STANDS_IN:
            return (
                _("own client")
                if reason["why"] == Why.OWNER
                else _("stands in for %(name)s") % {"name": reason.get("name", "")}
            )
        case Why.BY_SHARE | Why.BY_SKILL:
            skills = [skill_name(code) for code in reason["skills"]]
            room = _("%(load)s of %(of)s") % {"load": reason["load"], "of": reason["of"]}
            return ", ".join([*skills, request.branch.name, room])
        case Why.TAKEN:
            return pgettext("request", "taken up")
        case Why.GIVEN:
            return _("from %(name)s") % {"name": reason.get("name") or "–"}
        case Why.QUEUE_OF_BRANCH:
            return _("nobody who suits is free")
    return ""


def why_long(request: Request) -> list[str]:
    """Every reason as a sentence."""
    person = str(request.assignee or "")
    found = []
    for reason in request.why:
        name = {"person": person, "name": reason.get("name", "")}
        if reason["why"] == Why.TAKEN:
            found.append(_("Taken up: %(person)s") % name)
        elif reason["why"] == Why.GIVEN:
            found.append(_("%(name)s gave the request to %(person)s") % name)
        else:
            found.append(describe(reason, person))
    if request.why and request.why[-1]["why"] == Why.BY_SHARE and (same := tied(request.candidates)):
        found.append(
            _(
                "As far behind what is due: %(names)s. Of equals the one who has waited longest for work gets it."
            )
            % {"names": ", ".join(same)}
        )
    return found


def tied(candidates: list[dict[str, Any]]) -> list[str]:
    """Who stands as far from what is due as the first one, the first one included; nobody when there was no tie."""
    placed = [one for one in candidates if one["place"]]
    first = next((one for one in placed if one["place"] == 1), None)
    same = [
        one["name"] for one in placed if first and abs(one.get("behind", 0) - first.get("behind", 0)) < 1e-9
    ]
    return same if len(same) > 1 else []


def unsuitable(one: dict[str, Any]) -> str:
    """Why a candidate does not suit."""
    words = {
        "takes_none": pgettext("candidate", "takes no requests"), "skill": pgettext("candidate", "not the product"),
        "full": pgettext("candidate", "full"), "busy": pgettext("candidate", "busy"),
        "break": pgettext("candidate", "on a break"), "away": pgettext("candidate", "absent"),
        "offline": pgettext("candidate", "not at the screen"), "elsewhere": pgettext("candidate", "another branch"),
    }  # fmt: skip
    if one["why"] == "away" and one.get("until"):
        until = formats.short_date(date.fromisoformat(one["until"]), lang())
        return _("absent until %(day)s") % {"day": until}
    return words.get(one["why"], one["why"])


def candidate(one: dict[str, Any]) -> dict[str, Any]:
    """A candidate as the table shows it; «к положенному» is what came less what was due."""
    behind = one["given"] - one["due"]
    return {
        **one, "room": _("%(load)s of %(of)s") % {"load": one["load"], "of": one["of"]}, "full": one["load"] >= one["of"],
        "behind": signed(behind) if one["here"] and one["skill"] else "–",
        "part": round(100 * one["given"] / one["due"]) if one["due"] and one["here"] else None,
        "verdict": unsuitable(one),
    }  # fmt: skip


def signed(value: float) -> str:
    """−1,2 or +0,9, as people write it."""
    text = formats.number(abs(round(value, 1)), lang(), 1)
    return f"{'−' if round(value, 1) < 0 else '+'}{text}"


def person(part: Part, *, answers_in: float | None) -> dict[str, Any]:
    """A person's line in the panel: the bars, what they take, how quickly they answer."""
    skills = [skill_name(code) for code in sorted(part.skills) if code.startswith("product:")]
    if part.away_until is not None:
        note = _("absent until %(day)s; %(name)s stands in") % {
            "day": formats.short_date(part.away_until, lang()), "name": part.substitute,
        }  # fmt: skip
    elif not part.takes:
        note = _("takes no requests")
    else:
        products = ", ".join(skills[:2]) + (f" +{len(skills) - 2}" if len(skills) > 2 else "")
        state = "" if part.state == "available" else unsuitable({"why": part.state})
        note = " · ".join(one for one in (products, state) if one)
    bars = min(part.capacity, 20)
    used = round(min(part.load, part.capacity) * bars / part.capacity) if part.capacity else 0
    return {
        "part": part, "bars": [index < used for index in range(bars)], "note": note,
        "room": _("%(load)s of %(of)s") % {"load": part.load, "of": part.capacity},
        "speed": _("answers in %(time)s") % {"time": minutes(timedelta(minutes=answers_in))} if answers_in is not None else "",
    }  # fmt: skip


DUE_AT = 60.0


def fairness(parts: list[Part]) -> list[dict[str, Any]]:
    """The week's plot: the tick stands where all that is due would be, the dot where what came is; left is behind.

    By the part of what is due, as the rule reads it, so that whoever is farthest left is next.
    """
    rows = []
    for part in parts:
        if not part.takes:
            continue
        rows.append(
            {
                "name": part.name.rpartition(" ")[2], "given": part.given, "due": formats.number(part.due, lang(), 1),
                **plot(part.behind, bool(part.due)),
            }
        )  # fmt: skip
    return rows


def plot(behind: float, has_due: bool) -> dict[str, str]:
    """Where tick and dot stand, in percent of the width."""
    place = min(DUE_AT * behind, 100.0) if has_due else DUE_AT
    return {
        "dot": f"{place:.2f}", "left": f"{min(place, DUE_AT):.2f}", "width": f"{abs(place - DUE_AT):.2f}",
        "tick": f"{DUE_AT:.0f}", "color": "warn" if place < DUE_AT else "c3",
    }  # fmt: skip


def step(row: Step) -> dict[str, Any]:
    """One line of the history."""
    icon, tone = STEPS[row.kind]
    names = [str(one) for one in (row.person, row.by) if one is not None]
    heading = str(row.get_kind_display())
    if row.kind == Step.Kind.TAKEN:
        heading = _("Taken up")
    elif row.kind == Step.Kind.GIVEN and row.by_id and row.by_id == row.person_id:
        heading = _("Kept by who entered it")
    if names:
        heading += f": {' ← '.join(dict.fromkeys(names))}"
    return {"icon": icon, "tone": tone, "title": heading, "text": _told(row), "at": row.at}


def _told(row: Step) -> str:
    """What is written of a step: a code of the source or the reason comes first and is put in words."""
    kinds: dict[str, Any] = {"came": Request.Source, "joined": Request.Source, "closed": Request.Reason}
    if row.kind not in kinds:
        return row.text
    code, _colon, said = row.text.partition(": ")
    code = code.rstrip(":").strip()
    known = str(kinds[row.kind](code).label) if code in kinds[row.kind].values else code
    return f"{known}: {said}" if said else known


def row(request: Request, now: datetime) -> dict[str, Any]:
    """A row of the list."""
    return {
        "it": request, "title": title(request), "what": what(request), "source": source(request),
        "icon": ICONS[request.source], "person": str(request.assignee or ""), "answer": answer(request, now), "why": why_short(request),
        "url": reverse("requests:request", args=[request.pk]), "why_url": reverse("requests:why", args=[request.pk]),
        "came": request.created_at, "today": timezone.localdate(request.created_at) == timezone.localdate(now),
    }  # fmt: skip


def headline(count: int, answer: float | None, norm: int, share: float | None) -> str:
    """«первый ответ 7 мин при норме 15 · взяли вовремя 94 %»."""
    if answer is None or share is None:
        return _("the first answer is promised within %(norm)s min") % {"norm": norm}
    words = npgettext(
        "requests", "first answer %(time)s, promised %(norm)s min · in time %(share)s of %(n)s",
        "first answer %(time)s, promised %(norm)s min · in time %(share)s of %(n)s", count,
    )  # fmt: skip
    return words % {
        "time": minutes(timedelta(minutes=answer)), "norm": norm, "share": formats.percent(round(share), lang()), "n": count,
    }  # fmt: skip

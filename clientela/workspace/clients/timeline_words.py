"""What the entries of the timeline say."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.billing.models import Payment
from clientela.modules.calls.rules import Outcome as CallOutcome
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.rules import price_change
from clientela.modules.documents.models import Delivery, SignRequest
from clientela.modules.documents.rules_delivery import WRONG
from clientela.modules.renewals.rules import Reason
from clientela.modules.requests.models import Request
from clientela.modules.robot.rules.dialogue import Outcome as RobotOutcome
from clientela.workspace.admin.action_words import words as action_words
from clientela.workspace.clients.field_words import change_lines
from clientela.workspace.clients.queries.timeline import Entry


@dataclass
class Item:
    """An entry as it is shown: ``tone`` is one of now, info, good, warn, bad or empty."""

    at: datetime
    icon: str
    title: str
    detail: str = ""
    tone: str = ""
    anchor: str = ""
    policy_id: int | None = None
    url: str = ""


def items(entries: Iterable[Entry]) -> list[Item]:
    """Entries in words; messages that one touch sent through several channels make one item."""
    shown: list[Item] = []
    run: list[Entry] = []
    for entry in entries:
        if run and _together(run[-1], entry):
            run.append(entry)
            continue
        if run:
            shown.append(_sent(run))
            run = []
        if _is_touch(entry):
            run = [entry]
        else:
            shown.append(_WORDS[entry.kind](entry))
    if run:
        shown.append(_sent(run))
    return shown


def _is_touch(entry: Entry) -> bool:
    return (
        entry.kind == "message"
        and entry.data["direction"] == "out"
        and entry.data["origin"] == "renewals.touch"
    )


def _together(one: Entry, other: Entry) -> bool:
    return _is_touch(other) and abs((one.at - other.at).total_seconds()) < 3600


def _lang() -> str:
    return get_language() or "ru"


def _money(amount: Any) -> str:
    return formats.money(Decimal(str(amount)), _lang())


def _day(text: str) -> str:
    return formats.full_date(date.fromisoformat(text[:10]), _lang())


def _product(data: Mapping[str, Any]) -> str:
    return str(data["product_en"] if _lang() == "en" and data.get("product_en") else data["product"])


def _number(data: Mapping[str, Any]) -> str:
    return formats.policy_number(data["number"], _lang()) if data.get("number") else ""


def _join(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _channel(code: str) -> str:
    return str(CHANNELS.get(code, ("", code))[1])


_TONES = {"read": "info", "delivered": "", "failed": "bad", "dropped": "warn"}


def _sent(run: list[Entry]) -> Item:
    channels = list(dict.fromkeys(_channel(entry.data["channel"]) for entry in reversed(run)))
    states = {entry.data["state"] for entry in run}
    title = _("Sent about the renewal: %(channels)s") % {"channels": ", ".join(channels)}
    if len(states) == 1:
        told = str(Message.State(run[0].data["state"]).label)
    else:
        told = ", ".join(
            f"{_channel(e.data['channel'])}: {Message.State(e.data['state']).label}" for e in reversed(run)
        )
    quote = run[0].data["text"] if len(run) == 1 else ""
    tone = _TONES.get(run[0].data["state"], "") if len(states) == 1 else ""
    return Item(run[0].at, "send", title, _join(told, _short(quote)), tone)


def _short(text: str, length: int = 160) -> str:
    text = " ".join(text.split())
    return f"«{text[:length].rstrip()}…»" if len(text) > length else f"«{text}»" if text else ""


def _message(entry: Entry) -> Item:
    data = entry.data
    channel = _channel(data["channel"])
    icon = CHANNELS.get(data["channel"], ("message-circle", ""))[0]
    words = _short(data["subject"] or data["text"])
    if data["direction"] == "in":
        return Item(entry.at, icon, _("The client wrote: %(channel)s") % {"channel": channel}, words, "good")
    title = _("Message to the client: %(channel)s") % {"channel": channel}
    state = str(Message.State(data["state"]).label)
    fault = data["detail"] if data["state"] in {"failed", "dropped"} else ""
    return Item(
        entry.at, icon, title, _join(state, fault, data["author"], words), _TONES.get(data["state"], "")
    )


def _signal(entry: Entry) -> Item:
    data = entry.data
    titles = {
        "open": _("Opened: %(channel)s"),
        "click": _("Followed the link: %(channel)s"),
        "unsubscribe": _("Unsubscribed: %(channel)s"),
    }
    title = titles.get(data["signal"], "%(channel)s") % {"channel": _channel(data["channel"])}
    tone = "warn" if data["signal"] == "unsubscribe" else "info"
    icon = {"open": "mail-opened", "click": "link", "unsubscribe": "bell-off"}.get(data["signal"], "mail")
    return Item(entry.at, icon, title, _join(_short(data["subject"]), data["detail"]), tone)


def _note(entry: Entry) -> Item:
    title = _("Note: %(author)s") % {"author": entry.data["author"] or _("system")}
    return Item(entry.at, "note", title, entry.data["text"])


def _complaint(entry: Entry) -> Item:
    title = _("Complaint handed over: %(author)s") % {"author": entry.data["author"] or _("system")}
    return Item(entry.at, "message-report", title, entry.data["excerpt"], "bad")


def _policy(entry: Entry) -> Item:
    data = entry.data
    renewed = int(data["year"]) > 0
    title = (_("Renewed: %(product)s") if renewed else _("Issued: %(product)s")) % {"product": _product(data)}
    term = f"{_day(data['start'])} – {_day(data['end'])}"
    detail = _join(_number(data), data["title"], _money(data["premium"]), term)
    return Item(entry.at, "shield-check", title, detail, "good", f"policy-{entry.ref}", entry.ref)


def _cancelled(entry: Entry) -> Item:
    data = entry.data
    title = _("Cancelled: %(product)s") % {"product": _product(data)}
    return Item(entry.at, "shield-off", title, _join(_number(data), data["reason"]), "bad", "", entry.ref)


def _change_of_price(data: Mapping[str, Any]) -> str:
    change = price_change(Decimal(str(data["before"])), Decimal(str(data["premium"])))
    return "" if change is None else formats.signed_percent(change, _lang())


def _quote(entry: Entry) -> Item:
    data = entry.data
    values = {"product": _product(data), "sum": _money(data["premium"])}
    title = _("Quoted for renewal, %(product)s: %(sum)s") % values
    gone = pgettext("quote", "withdrawn") if data["withdrawn"] else ""
    detail = _join(_change_of_price(data), gone, data["author"], data["note"])
    return Item(entry.at, "calculator", title, detail, "", "", data["policy"])


def _project(entry: Entry) -> Item:
    data = entry.data
    values = {"product": _product(data), "sum": _money(data["premium"])}
    title = (
        _("Project of the next term, %(product)s: %(sum)s")
        if data["renews"]
        else _("Project of a new contract, %(product)s: %(sum)s")
    ) % values
    states = {
        "offered": pgettext("project", "sent to the client"),
        "issued": pgettext("project", "issued"),
        "withdrawn": pgettext("project", "withdrawn"),
    }
    detail = _join(_change_of_price(data), states.get(data["state"], ""), data["author"], data["reason"])
    return Item(entry.at, "file-text", title, detail, "", "", data["policy"])


def _payment(entry: Entry) -> Item:
    data = entry.data
    values = {"product": _product(data), "sum": _money(data["amount"])}
    title = _("Paid for %(product)s: %(sum)s") % values
    method = str(Payment.Method(data["method"]).label)
    return Item(
        entry.at, "cash", title, _join(method, _number(data), data["author"]), "good", "", data["policy"]
    )


def _claim(entry: Entry) -> Item:
    data = entry.data
    title = _("Claim %(number)s, %(product)s") % {"number": data["number"], "product": _product(data)}
    paid = _("Paid out %(sum)s") % {"sum": _money(data["amount"])} if data["status"] == "paid" else ""
    dispute = _("in dispute since %(day)s") % {"day": _day(data["disputed"])} if data["disputed"] else ""
    happened = _("happened on %(day)s") % {"day": _day(data["occurred"])}
    return Item(entry.at, "car-crash", title, _join(data["description"], happened, paid, dispute), "warn")


def _dispute(entry: Entry) -> Item:
    opened = entry.data["action"] == "claim.dispute_opened"
    title = _("Dispute opened: %(number)s") if opened else _("Dispute closed: %(number)s")
    values = {"number": entry.data["object"]}
    return Item(entry.at, "gavel", title % values, entry.data["actor"], "warn" if opened else "good")


_DATA_TITLES: dict[str, tuple[str, Callable[[], str]]] = {
    "client.created": ("user-plus", lambda: _("Card made")),
    "client.changed": ("user-edit", lambda: _("Data changed")),
    "client.merged": ("git-merge", lambda: _("Another card merged into this one")),
    "client.separated": ("arrows-split-2", lambda: _("Cards separated")),
    "client.address": ("map-pin", lambda: _("Address changed")),
    "client.value_taken": ("git-merge", lambda: _("Another source's value taken")),
    "client.value_wrong": ("ban", lambda: _("Another source's value marked wrong")),
    "client.value_verified": ("shield-check", lambda: _("Value compared with a document")),
    "client.confirmed": ("checks", lambda: _("Data confirmed")),
    "client.do_not_contact": ("ban", lambda: _("Do-not-contact mark changed")),
    "client.contact_added": ("phone-plus", lambda: _("Contact added")),
    "client.contact_changed": ("edit", lambda: _("Contact changed")),
    "client.contact_verified": ("check", lambda: _("Contact verified")),
    "client.contact_removed": ("trash", lambda: _("Contact removed")),
    "client.contact_bad": ("phone-off", lambda: _("Contact does not work")),
    "client.document_added": ("license", lambda: _("Document added")),
    "client.document_removed": ("license", lambda: _("Document removed")),
    "client.tagged": ("tag", lambda: _("Tags changed")),
    "client.file_added": ("paperclip", lambda: _("File added")),
    "client.file_removed": ("paperclip", lambda: _("File removed")),
    "client.parent_set": ("building-community", lambda: _("Holding changed")),
    "client.answered": ("list-check", lambda: _("What the client told")),
    "client.related": ("users-group", lambda: _("Relation added")),
    "client.unrelated": ("user-off", lambda: _("Relation taken away")),
    "client.belonging_added": ("home", lambda: _("Property written down")),
    "client.belonging_removed": ("home", lambda: _("Property taken away")),
    "client.life_event": ("calendar-event", lambda: _("Event of life")),
    "client.life_event_done": ("check", lambda: _("Event of life spoken about")),
    "client.photo_set": ("camera", lambda: _("Photo set")),
    "client.photo_removed": ("camera", lambda: _("Photo removed")),
    "client.photo_restored": ("camera", lambda: _("Photo brought back")),
    "client.note_deleted": ("note", lambda: _("Note deleted")),
    "client.note_restored": ("note", lambda: _("Note brought back")),
    "consent.granted": ("shield-check", lambda: _("Consent given")),
    "consent.withdrawn": ("shield-off", lambda: _("Consent withdrawn")),
}


def _other(action: str) -> tuple[str, Callable[[], str]]:
    """What the journal says of an act that the timeline has no words of its own for."""
    label, icon, _tone = action_words(action)
    return icon, lambda: str(label)


def _data(entry: Entry) -> Item:
    data = entry.data
    known = _DATA_TITLES.get(data["action"])
    icon, title = known or _other(data["action"])
    lines = change_lines(data["changes"]) if known else []
    actor = _("system") if data["actor"] == "system" else data["actor"]
    reason = data["reason"] if data["action"] in {"client.do_not_contact", "client.contact_bad"} else ""
    tone = {"client.contact_bad": "bad", "client.do_not_contact": "warn", "consent.withdrawn": "warn"}
    return Item(entry.at, icon, title(), _join("; ".join(lines), reason, actor), tone.get(data["action"], ""))


_CONTRACT_TITLES: dict[str, tuple[str, Callable[[], str]]] = {
    "project.offered": ("send", lambda: _("Project sent to the client")),
    "project.repriced": ("edit", lambda: _("Price of the project changed")),
    "project.withdrawn": ("circle-minus", lambda: _("Project withdrawn")),
    "quote.withdrawn": ("circle-minus", lambda: _("Quote withdrawn")),
    "renewal.lost": ("circle-x", lambda: _("Marked as lost")),
    "renewal.reopen": ("rotate", lambda: _("Loss taken back")),
    "renewal.hold": ("clock-pause", lambda: _("Plan of touches held")),
    "renewal.release": ("player-play", lambda: _("Plan of touches goes on")),
}


def _contract(entry: Entry) -> Item:
    data = entry.data
    icon, title = _CONTRACT_TITLES.get(data["action"]) or _other(data["action"])
    price = ""
    if data["action"] == "project.repriced":
        before, after = data["changes"].get("premium", [None, None])
        price = f"{_money(before)} → {_money(after)}" if before and after else ""
    number = formats.policy_number(data["object"], _lang())
    actor = _("system") if data["actor"] == "system" else data["actor"]
    tone = "bad" if data["action"] == "renewal.lost" else ""
    return Item(entry.at, icon, title(), _join(number, price, data["reason"], actor), tone)


def _touch(entry: Entry) -> Item:
    data = entry.data
    icon = CHANNELS.get(data["channel"], ("message-circle", ""))[0]
    values = {"channel": _channel(data["channel"]), "days": formats.days(int(data["day"]), _lang())}
    if data["state"] == "done":
        title = _("%(channel)s, %(days)s before the end: done") % values
        return Item(entry.at, icon, title, data["detail"], "good")
    title = _("%(channel)s, %(days)s before the end: did not go") % values
    reason = str(Reason(data["reason"]).label) if data["reason"] in Reason.values else data["reason"]
    return Item(entry.at, icon, title, _join(reason, data["detail"]))


def _call(entry: Entry) -> Item:
    data, came = entry.data, entry.data["direction"] == "in"
    outcome = str(CallOutcome(data["outcome"]).label) if data["outcome"] in CallOutcome.values else ""
    title = pgettext("timeline", "Incoming call") if came else pgettext("timeline", "Outgoing call")
    missed = came and not data["answered"]
    note = f"«{data['note']}»" if data["note"] else data["reason"]
    return Item(
        entry.at, "phone-x" if missed else "phone-incoming" if came else "phone-outgoing", title,
        _join(outcome, data["author"], note), "bad" if missed else "", url=reverse("calls:call", args=[data["id"]]),
    )  # fmt: skip


def _robot(entry: Entry) -> Item:
    data = entry.data
    came_to = data["outcome"] if data["answered"] and data["last"] else ""
    outcome = str(RobotOutcome(came_to).label) if came_to in RobotOutcome.values else ""
    if not data["answered"]:
        outcome = pgettext("robot", "Did not pick up")
    heard = f"«{data['heard']}»" if data["heard"] else ""
    url = reverse("robot:transcript", args=[data["id"]]) if data["answered"] else ""
    return Item(entry.at, "robot", _("The robot called"), _join(data["dialogue"], outcome, heard), url=url)


_REQUEST_TONES = {"new": "warn", "taken": "info", "working": "info", "deal": "good", "closed": ""}


def _request(entry: Entry) -> Item:
    data = entry.data
    source = data["partner"] or str(Request.Source(data["source"]).label)
    state = Request.Reason(data["reason"]).label if data["reason"] else Request.State(data["state"]).label
    return Item(
        entry.at, "bolt", _("Request: %(source)s") % {"source": source},
        _join(_product(data), data["about"], str(state), data["author"], data["text"]),
        _REQUEST_TONES[data["state"]], url=reverse("requests:request", args=[data["id"]]),
    )  # fmt: skip


def _signature(entry: Entry) -> Item:
    data = entry.data
    state = str(SignRequest.State(data["state"]).label)
    title = _("Signature by code: %(state)s") % {"state": state}
    tone = {"signed": "good", "locked": "bad", "open": "info"}.get(data["state"], "")
    return Item(
        entry.at, "file-certificate", title, _join(_number(data), data["author"]), tone, "", data["policy"]
    )


def _delivery(entry: Entry) -> Item:
    data = entry.data
    title = _("Delivery of documents: %(state)s") % {"state": str(Delivery.State(data["state"]).label)}
    tone = "bad" if data["state"] in WRONG else "good" if data["state"] in ("delivered", "issued") else "info"
    way = str(Delivery.Way(data["way"]).label)
    detail = _join(way, _number(data), data["note"], data["author"])
    return Item(entry.at, "send", title, detail, tone, "", data["policy"])


_WORDS: dict[str, Callable[[Entry], Item]] = {
    "message": _message,
    "signal": _signal,
    "call": _call,
    "robot": _robot,
    "request": _request,
    "note": _note,
    "complaint": _complaint,
    "policy": _policy,
    "cancelled": _cancelled,
    "quote": _quote,
    "project": _project,
    "payment": _payment,
    "claim": _claim,
    "dispute": _dispute,
    "data": _data,
    "contract": _contract,
    "renewal": _contract,
    "signature": _signature,
    "delivery": _delivery,
    "touch": _touch,
}

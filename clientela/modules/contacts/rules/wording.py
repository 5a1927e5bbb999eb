"""The policy's checks in words. What is stored are codes and details; the words follow the reader's language."""

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from django.utils.functional import Promise, lazystr
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from clientela.foundation.ui.formats import full_date
from clientela.modules.contacts.rules.policy import Check, Code, Verdict

_CONSENT = {
    ("service", "sms"): gettext_lazy("SMS about own contracts"),
    ("service", "email"): gettext_lazy("e-mail about own contracts"),
    ("service", "vk"): gettext_lazy("VK messages about own contracts"),
    ("service", "telegram"): gettext_lazy("Telegram messages about own contracts"),
    ("service", "webchat"): gettext_lazy("answers in the chat on the site"),
    ("service", "call"): gettext_lazy("calls about own contracts"),
    ("advertising", "sms"): gettext_lazy("advertising by SMS"),
    ("advertising", "email"): gettext_lazy("advertising by e-mail"),
    ("advertising", "vk"): gettext_lazy("advertising in VK"),
    ("advertising", "telegram"): gettext_lazy("advertising in Telegram"),
    ("advertising", "call"): gettext_lazy("advertising calls"),
    ("advertising", "letter"): gettext_lazy("advertising by letter"),
}
_POINT = {
    "sms": gettext_lazy("phone number"),
    "call": gettext_lazy("phone number"),
    "email": gettext_lazy("e-mail address"),
    "vk": gettext_lazy("VK account"),
    "telegram": gettext_lazy("Telegram chat"),
    "webchat": gettext_lazy("chat on the site"),
    "letter": gettext_lazy("postal address"),
}
_LACKS = {
    "postal_code": gettext_lazy("postcode"),
    "city": gettext_lazy("town"),
    "street": gettext_lazy("street and house"),
}
_PREFERS = {
    "sms": gettext_lazy("SMS"),
    "email": gettext_lazy("e-mail"),
    "vk": gettext_lazy("VK"),
    "telegram": gettext_lazy("Telegram"),
    "call": gettext_lazy("calls"),
}
_WORDS = {
    "send": pgettext_lazy("verdict", "Goes"),
    "wait": pgettext_lazy("verdict", "Waits"),
    "drop": pgettext_lazy("verdict", "Does not go"),
}


def describe(check: Check) -> str:
    """One sentence about a check, put into words when it is shown."""
    return _lazily(_SENTENCES.get(check.code, _unknown), check)


def headline(verdict: Verdict) -> str | Promise:
    """«Goes», «Waits» or «Does not go», lazily."""
    return _WORDS[verdict.decision]


def _lazily(sentence: Callable[[Check], str], check: Check) -> str:
    return cast(str, lazystr(_Sentence(sentence, check)))  # a str to whoever shows it


class _Sentence:
    def __init__(self, sentence: Callable[[Check], str], check: Check) -> None:
        self.sentence, self.check = sentence, check

    def __str__(self) -> str:
        return self.sentence(self.check)


def _unknown(check: Check) -> str:
    return check.code


def _day(value: str) -> str:
    return full_date(date.fromisoformat(value), get_language() or "ru")


def _do_not_contact(check: Check) -> str:
    if check.passed:
        return _("The client has not asked to be left alone")
    if check.detail.get("reason"):
        return _("The client asked not to be contacted: %(reason)s") % check.detail
    return _("The client asked not to be contacted")


def _contact_point(check: Check) -> str:
    detail = check.detail
    values = {"point": _POINT.get(detail["channel"], detail["channel"])}
    if check.passed:
        if detail.get("verified"):
            return _("There is a confirmed %(point)s") % values
        return _("There is a %(point)s, not confirmed") % values
    if detail["fault"] == "missing":
        return _("There is no %(point)s") % values
    if detail["fault"] == "do_not_use":
        return _("The %(point)s is marked “do not use”") % values
    if detail["fault"] == "incomplete":
        return _("The postal address has no %(lacks)s") % {"lacks": _LACKS[detail["lacks"]]}
    values |= {"since": _day(detail["since"]), "reason": detail.get("reason", "")}
    if values["reason"]:
        return _("The %(point)s has not worked since %(since)s: %(reason)s") % values
    return _("The %(point)s has not worked since %(since)s") % values


def _consent(check: Check) -> str:
    detail = check.detail
    key = (detail["purpose"], detail["channel"])
    what = _CONSENT.get(key, " ".join(key))
    if detail.get("contract"):
        return _("A letter about an own contract needs no consent")
    if check.passed:
        return _("Consent to %(what)s, %(since)s") % {"what": what, "since": _day(detail["since"])}
    return _("No consent to %(what)s") % {"what": what}


def _agent_nda(check: Check) -> str:
    if check.passed:
        return _("No links to direct sales and no office contacts: an agent's client (NDA)")
    return _("The text leads an agent's client past the agent: %(found)s") % {
        "found": ", ".join(check.detail.get("found", []))
    }


def _length(check: Check) -> str:
    detail = check.detail
    if detail.get("empty"):
        return _("There is no text")
    if detail["channel"] == "sms":
        parts = ngettext("%(size)d SMS", "%(size)d SMS parts", detail["size"]) % detail
        if check.passed:
            return _("Length: %(parts)s") % {"parts": parts}
        return _("Too long: %(parts)s, at most %(limit)d") % {"parts": parts, "limit": detail["limit"]}
    if check.passed:
        return ngettext("Length: %(size)d character", "Length: %(size)d characters", detail["size"]) % detail
    return _("Too long: %(size)d characters, at most %(limit)d") % detail


_PERSONAL = {
    "policy": gettext_lazy("the number %(words)s"),
    "phone": gettext_lazy("the phone %(words)s"),
    "name": gettext_lazy("the name %(words)s"),
}


def _public_data(check: Check) -> str:
    if check.passed:
        return _("Nothing personal in the text")
    found = [str(_PERSONAL[kind]) % {"words": words} for kind, words in check.detail["found"]]
    return _("Everybody will read the answer. Take out %(found)s.") % {"found": ", ".join(found)}


def _preferred_channel(check: Check) -> str:
    values = {"channel": _PREFERS.get(check.detail["preferred"], check.detail["preferred"])}
    if check.passed:
        return _("The client prefers this channel: %(channel)s") % values
    return _("The client prefers another channel: %(channel)s") % values


def _quiet_hours(check: Check) -> str:
    detail = check.detail
    if detail.get("reply"):
        return _("An answer to the client's own message: the hour does not matter")
    if detail.get("never"):
        return _("The hours the client asked for never meet the allowed ones, %(from)s–%(to)s") % detail
    if detail.get("wish") and not check.passed:
        values = detail | {"wish_from": detail["wish"][0] or "00:00", "wish_to": detail["wish"][1] or "24:00"}
        return _("%(local)s at the client's; the client asked for %(wish_from)s–%(wish_to)s") % values
    if check.passed:
        return _("%(local)s at the client's: messages may go %(from)s–%(to)s") % detail
    return _("%(local)s at the client's: quiet hours, messages go %(from)s–%(to)s") % detail


def _frequency(check: Check) -> str:
    detail: dict[str, Any] = check.detail
    if detail.get("reply"):
        return _("An answer to the client's own message: not counted")
    counts = []
    if "day_cap" in detail:
        counts.append(_("%(today)d of %(day_cap)d today") % detail)
    if "week_cap" in detail:
        counts.append(_("%(week)d of %(week_cap)d in seven days") % detail)
    if not counts:
        return _("Frequency: no limit")
    words = {"counts": ", ".join(counts)}
    if check.passed:
        return _("Frequency: %(counts)s from all senders") % words
    return _("Frequency limit reached: %(counts)s from all senders") % words


_SENTENCES: dict[str, Callable[[Check], str]] = {
    Code.DO_NOT_CONTACT: _do_not_contact,
    Code.CONTACT_POINT: _contact_point,
    Code.CONSENT: _consent,
    Code.AGENT_NDA: _agent_nda,
    Code.LENGTH: _length,
    Code.PUBLIC_DATA: _public_data,
    Code.PREFERRED_CHANNEL: _preferred_channel,
    Code.QUIET_HOURS: _quiet_hours,
    Code.FREQUENCY: _frequency,
}

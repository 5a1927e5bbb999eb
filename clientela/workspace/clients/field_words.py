"""Names of fields, and journal entries in words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats
from clientela.modules.clients.models import LifeEvent, Relation

FIELDS: dict[str, Any] = {
    "last_name": gettext_lazy("Surname"),
    "first_name": gettext_lazy("First name"),
    "middle_name": gettext_lazy("Patronymic"),
    "company_name": gettext_lazy("Company name"),
    "name": pgettext_lazy("person", "Name"),
    "birth_date": gettext_lazy("Birth date"),
    "sex": gettext_lazy("Sex"),
    "language": gettext_lazy("Language"),
    "inn": gettext_lazy("INN"),
    "card": gettext_lazy("Number of the card"),
    "other_card": gettext_lazy("Number of the other card"),
    "relation": gettext_lazy("Who it is to the client"),
    "belonging": gettext_lazy("What it is"),
    "life_event": gettext_lazy("What happens"),
    "on": gettext_lazy("When"),
    "parent_card": gettext_lazy("Card of the parent company"),
    "kpp": gettext_lazy("KPP"),
    "ogrn": gettext_lazy("OGRN"),
    "snils": gettext_lazy("SNILS"),
    "bank_bic": gettext_lazy("Bank's BIC"),
    "bank_account": gettext_lazy("Account"),
    "city": gettext_lazy("Town"),
    "region_code": gettext_lazy("Region"),
    "time_zone": gettext_lazy("Time zone"),
    "preferred_channel": gettext_lazy("Prefers"),
    "contact_from": gettext_lazy("Call from"),
    "contact_to": gettext_lazy("Call until"),
    "do_not_contact": gettext_lazy("Do not contact"),
    "do_not_contact_reason": gettext_lazy("Reason"),
    "is_internal": gettext_lazy("Own employee"),
    "is_key": gettext_lazy("Key client"),
    "is_cross": gettext_lazy("Cross client"),
    "address": gettext_lazy("Address"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
    "vk": gettext_lazy("VK"),
    "telegram": gettext_lazy("Telegram"),
    "webchat": gettext_lazy("Chat on the site"),
    "contact": gettext_lazy("Contact"),
    "label": gettext_lazy("Label"),
    "is_primary": gettext_lazy("Primary"),
    "do_not_use": gettext_lazy("Do not use"),
    "verified_at": gettext_lazy("Verified"),
    "bad_since": gettext_lazy("Does not work since"),
    "passport": gettext_lazy("Passport"),
    "licence": gettext_lazy("Driving licence"),
    "foreign": gettext_lazy("Foreign passport"),
    "other": gettext_lazy("Document"),
    "tags": gettext_lazy("Tags"),
    "file": gettext_lazy("File"),
    "service/sms": pgettext_lazy("consent", "service SMS"),
    "service/email": pgettext_lazy("consent", "service e-mail"),
    "service/vk": pgettext_lazy("consent", "service messages in VK"),
    "service/telegram": pgettext_lazy("consent", "service messages in Telegram"),
    "service/webchat": pgettext_lazy("consent", "answers in the chat on the site"),
    "service/call": pgettext_lazy("consent", "service calls"),
    "advertising/sms": pgettext_lazy("consent", "advertising by SMS"),
    "advertising/email": pgettext_lazy("consent", "advertising by e-mail"),
    "advertising/vk": pgettext_lazy("consent", "advertising in VK"),
    "advertising/telegram": pgettext_lazy("consent", "advertising in Telegram"),
    "advertising/call": pgettext_lazy("consent", "advertising calls"),
}
HIDDEN = {"time_zone", "region_code", "verified_at", "bad_since"}


def field_name(code: str) -> str:
    """The name of a field in the language of the page; unknown codes stay as they are."""
    return str(FIELDS.get(code, code))


def value_words(code: str, value: Any) -> str:
    """A stored value as people write it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    language = get_language() or "ru"
    if code in {"phone", "contact"} and text.startswith("+"):
        return format_phone(text)
    if code in {"snils", "inn", "bank_account"}:
        return f"•••{text[-4:]}"
    if code == "relation":
        return str(dict(Relation.Kind.choices).get(text, text))
    if code == "life_event":
        return str(dict(LifeEvent.Kind.choices).get(text, text))
    if code == "sex":
        return {"m": _("male"), "f": _("female")}.get(text, text)
    if code == "birth_date" or (len(text) == 10 and text[4:5] == "-"):
        return formats.full_date(date.fromisoformat(text), language)
    if code in {"contact_from", "contact_to"}:
        return text[:5]
    if len(text) > 18 and text[10:11] == "T":
        return formats.full_date(localtime(datetime.fromisoformat(text)).date(), language)
    return text


def change_lines(changes: Mapping[str, Sequence[Any]]) -> list[str]:
    """«Surname: was Орлова, now Егорова» for every change worth reading."""
    lines = []
    for code, pair in changes.items():
        if code in HIDDEN or len(pair) != 2:
            continue
        if "/" in code:
            lines.append(field_name(code))
            continue
        before, after = (value_words(code, value) for value in pair)
        if before == after:
            lines.append(after)
        elif before and after:
            values = {"field": field_name(code), "before": before, "after": after}
            lines.append(_("%(field)s: was %(before)s, now %(after)s") % values)
        elif after:
            lines.append(
                pgettext("change", "%(field)s: %(after)s") % {"field": field_name(code), "after": after}
            )
        else:
            lines.append(
                _("%(field)s: was %(before)s, now empty") % {"field": field_name(code), "before": before}
            )
    return lines

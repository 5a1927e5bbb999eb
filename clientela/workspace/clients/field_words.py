"""Names of fields, and journal entries in words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats

FIELDS: dict[str, Any] = {
    "last_name": later("Surname"),
    "first_name": later("First name"),
    "middle_name": later("Patronymic"),
    "company_name": later("Company name"),
    "name": later("Name"),
    "birth_date": later("Birth date"),
    "sex": later("Sex"),
    "language": later("Language"),
    "inn": later("INN"),
    "kpp": later("KPP"),
    "ogrn": later("OGRN"),
    "snils": later("SNILS"),
    "bank_bic": later("Bank's BIC"),
    "bank_account": later("Account"),
    "city": later("Town"),
    "region_code": later("Region"),
    "time_zone": later("Time zone"),
    "preferred_channel": later("Prefers"),
    "contact_from": later("Call from"),
    "contact_to": later("Call until"),
    "do_not_contact": later("Do not contact"),
    "do_not_contact_reason": later("Reason"),
    "is_internal": later("Own employee"),
    "is_key": later("Key client"),
    "is_cross": later("Cross client"),
    "address": later("Address"),
    "phone": later("Phone"),
    "email": later("E-mail"),
    "vk": later("VK"),
    "telegram": later("Telegram"),
    "contact": later("Contact"),
    "label": later("Label"),
    "is_primary": later("Primary"),
    "do_not_use": later("Do not use"),
    "verified_at": later("Verified"),
    "bad_since": later("Does not work since"),
    "passport": later("Passport"),
    "licence": later("Driving licence"),
    "foreign": later("Foreign passport"),
    "other": later("Document"),
    "tags": later("Tags"),
    "file": later("File"),
    "service/sms": later("service SMS"),
    "service/email": later("service e-mail"),
    "service/vk": later("service messages in VK"),
    "service/call": later("service calls"),
    "advertising/sms": later("advertising by SMS"),
    "advertising/email": later("advertising by e-mail"),
    "advertising/vk": later("advertising in VK"),
    "advertising/call": later("advertising calls"),
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
            lines.append(pgettext("change", "%(field)s: %(after)s") % {"field": field_name(code), "after": after})
        else:
            lines.append(_("%(field)s: was %(before)s, now empty") % {"field": field_name(code), "before": before})
    return lines

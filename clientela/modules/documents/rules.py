"""Filling a template. Pure."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal

VARIABLES = {
    "number": _("Number of the policy"), "product": _("Product"), "client_name": _("Policyholder"),
    "client_birth": _("Date of birth of the policyholder"), "start": _("First day of cover"), "end": _("Last day of cover"),
    "premium": _("Premium"), "sum_insured": _("Sum insured"), "object": _("What is insured"), "plate": _("Plate"),
    "vin": _("VIN"), "body_number": _("Body or chassis number"), "object_year": _("Year of manufacture"), "power": _("Power, hp"), "address": _("Address of the object"),
    "bank": _("Bank"), "agent": _("Agent"), "agent_phone": _("Agent's phone"), "branch": _("Branch"),
    "branch_phone": _("Branch's phone"), "company": _("Company"), "short_number": _("Short number"),
    "issued_on": _("Day of issue"), "today": _("Today"), "version": _("Number of the version"),
    "valid_from": _("From which day the change holds"), "reason": _("Why it was changed"),
    "extra": _("To be paid in addition"), "refund": _("To be returned"), "charged": _("Premium after the change"),
    "check_url": _("Address of the check page"), "premium_words": _("Premium in words"),
    "charged_words": _("Premium after the change, in words"), "extra_words": _("To be paid in addition, in words"),
    "refund_words": _("To be returned, in words"), "due": _("To be paid now"), "due_words": _("To be paid now, in words"),
    "invoice_number": _("Number of the invoice"), "pay_url": _("Address of the payment page"),
    "purpose": _("Purpose of the payment"), "payee": _("Company by the register"), "payee_inn": _("INN of the company"),
    "payee_kpp": _("KPP of the company"), "payee_ogrn": _("OGRN of the company"),
    "payee_address": _("Address of the company"), "licences": _("Licences of the company"),
    "account": _("Account of the company"), "payee_bank": _("Bank of the company"), "bic": _("BIC of the bank"),
    "correspondent_account": _("Correspondent account of the bank"),
}  # fmt: skip
BLOCKS = {
    "people": _("Table of people"), "conditions": _("What was told and chosen"), "coverages": _("Table of coverages"), "factors": _("How the premium was counted"),
    "payments": _("Table of payments"), "qr": _("Square code of the check page"),
    "pay_qr": _("Square code of the payment"),
}  # fmt: skip
_MARK = re.compile(r"\{\{\s*(#if\s+|/if\b|)\s*([a-z_]*)\s*\}\}")
_UNSAFE = re.compile(
    r"<\s*(script|iframe|object|embed|link|base|meta|img)\b|\bon[a-z]+\s*=|@import|url\s*\(", re.I
)


_PIECES = re.compile(r"(<[^>]*>)")
_SHORT = re.compile(
    r"(?<![\w-])([А-Яа-яЁё]{1,2}|при|для|под|над|без|№|кв\.|ул\.|д\.|стр\.|корп\.|VIN|ИНН|КПП|ОГРН|БИК)[ \n](?=\S)"
)
# A number and its unit, an abbreviation of two letters, initials beside a name, a phone.
_TOGETHER = (
    (re.compile(r"(\d)[ \n](?=(?:л|г|п|руб|коп|кг|км|лет|год|года|дн)\b\.?|[%₽°])"), "\\1\u00a0"),
    (re.compile(r"\b([лгпт])\.[ \n]?(?=[сркпде]\.)"), "\\1.\u00a0"),
    (re.compile(r"\b([А-ЯЁ]\.)[ \n]?(?=[А-ЯЁ]\.)"), "\\1\u00a0"),
    (re.compile(r"\b([А-ЯЁ]\.)[ \n](?=[А-ЯЁ][а-яё])"), "\\1\u00a0"),
    (re.compile(r"([а-яё])[ \n](?=[А-ЯЁ]\.(?:\u00a0| )?[А-ЯЁ]\.)"), "\\1\u00a0"),
    (re.compile(r"(\+7)[ \n](\d{3})[ \n](?=\d{3}-)"), "\\1\u00a0\\2\u00a0"),
)
_QUOTED = re.compile(r"(?<![\w=])(?:\"|&quot;)(?=\S)(.+?)(?<=\S)(?:\"|&quot;)(?!\w)")
_PART = re.compile(r"\{\{\s*include ([a-z-]+)\s*\}\}\n?")
_DASH = re.compile(r"[ \n](?:([—–])|-)(?=\s)")


def typeset(html: str) -> str:
    """Russian text as it is printed: spaces that do not break a line after short words, before a dash and a unit, inside
    initials and phones; quotation marks and dashes of the language. Tags stay as they are."""
    pieces = _PIECES.split(html)
    for place in range(0, len(pieces), 2):
        text = _DASH.sub(lambda found: "\u00a0" + (found[1] or "—"), pieces[place])
        text = _QUOTED.sub("«\\1»", text)
        for pattern, kept in _TOGETHER:
            text = pattern.sub(kept, text)
        pieces[place] = _SHORT.sub("\\1\u00a0", _SHORT.sub("\\1\u00a0", text))
    return "".join(pieces)


def with_parts(html: str, part: Callable[[str], str]) -> str:
    """``html`` with the text of each part it includes by name, so that what is kept is whole."""
    return _PART.sub(lambda found: with_parts(part(found[1]), part), html)


class TemplateFault(Refusal):
    """The template cannot be filled; the message says where."""

    field = "html"

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


def check_template(html: str) -> None:
    """Raises ``TemplateFault`` for an unknown variable, an unclosed condition, or what may not stand on a document."""
    if found := _UNSAFE.search(html):
        raise TemplateFault(_("“%(what)s” may not stand in a template.") % {"what": found[0].strip()})
    fill(html, {**dict.fromkeys(VARIABLES, "1"), **dict.fromkeys(BLOCKS, "1")})


def fill(html: str, values: Mapping[str, str]) -> str:
    """``html`` with its variables. ``{{ name }}`` is escaped text, a block is markup of ours; what stands between
    ``{{ #if name }}`` and ``{{ /if }}`` is left out where the value is empty."""
    out: list[str] = []
    shown: list[bool] = []
    place = 0
    for mark in _MARK.finditer(html):
        if all(shown):
            out.append(html[place : mark.start()])
        place = mark.end()
        word, name = mark[1].strip(), mark[2]
        if word == "/if":
            if not shown:
                raise TemplateFault(_("A condition is closed that was not opened."))
            shown.pop()
            continue
        if name not in VARIABLES and name not in BLOCKS:
            raise TemplateFault(_("There is no variable “%(name)s”.") % {"name": name})
        value = values.get(name, "")
        if word:
            shown.append(bool(value))
        elif all(shown):
            out.append(value if name in BLOCKS else escape(value))
    if shown:
        raise TemplateFault(_("A condition is not closed: add {{ /if }}."))
    return "".join(out) + html[place:]

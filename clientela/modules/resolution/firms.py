"""Names of companies in one form whichever way they were written: legal form, quotes, alphabet."""

import re
from collections.abc import Iterable
from typing import Any

from clientela.foundation.names import name_key
from clientela.modules.resolution.rules import cyrillic, words_of_address

# Long ones first: a form stands for one code however it is written.
_FORMS_TEXT = """
общество с ограниченной ответственностью:ооо
публичное акционерное общество:ао
непубличное акционерное общество:ао
открытое акционерное общество:ао
закрытое акционерное общество:ао
акционерное общество:ао
федеральное государственное унитарное предприятие:гуп
государственное унитарное предприятие:гуп
муниципальное унитарное предприятие:муп
федеральное государственное бюджетное учреждение:гбу
государственное бюджетное учреждение:гбу
муниципальное бюджетное учреждение:мбу
автономная некоммерческая организация:ано
некоммерческая организация:нко
товарищество собственников жилья:тсж
крестьянское фермерское хозяйство:кфх
производственный кооператив:пк
индивидуальный предприниматель:ип
limited liability company:ооо
joint stock company:ао
"""
_LONG = dict(line.split(":") for line in _FORMS_TEXT.strip().splitlines())
_SHORT_TEXT = """
ооо:ооо ао:ао пао:ао оао:ао зао:ао нао:ао гуп:гуп фгуп:гуп муп:муп гбу:гбу фгбу:гбу мбу:мбу ано:ано нко:нко тсж:тсж
кфх:кфх пк:пк ип:ип ooo:ооо oao:ао zao:ао pao:ао ao:ао llc:ооо ltd:ооо jsc:ао ojsc:ао cjsc:ао pjsc:ао
"""
_SHORT = dict(pair.split(":") for pair in _SHORT_TEXT.split())
_LONG_SAID = re.compile("|".join(sorted(map(re.escape, _LONG), key=len, reverse=True)))
# Words that many names hold and that are left out as often as they are written.
_GENERAL_TEXT = "фирма компания предприятие организация торговии дом тд группа гк холдинг"
_GENERAL = frozenset(_GENERAL_TEXT.split())
# Letters that the Latin alphabet tells apart badly.
_BLUNT = str.maketrans({"ь": "", "ъ": "", "й": "и", "ы": "и", "э": "е", "щ": "ш"})
# An address at one of these says nothing about the company.
_PUBLIC_TEXT = """
mail.ru bk.ru list.ru inbox.ru internet.ru yandex.ru ya.ru yandex.com gmail.com rambler.ru lenta.ru outlook.com hotmail.com
icloud.com vk.com yahoo.com
"""
PUBLIC_DOMAINS = frozenset(_PUBLIC_TEXT.split())


def legal_form(name: str) -> tuple[str, list[str]]:
    """The code of the legal form, empty where none is told, and the words of the name without it, in Russian letters."""
    key = name_key(name)
    long = _LONG_SAID.search(key)
    form = _LONG[long[0]] if long else ""
    words = (key[: long.start()] + key[long.end() :]).split() if long else key.split()
    kept = []
    for word in words:
        if word in _SHORT:
            form = form or _SHORT[word]
        else:
            kept.append(cyrillic(word).translate(_BLUNT))
    return form, kept


def domains(emails: Iterable[str]) -> list[str]:
    """Domains that are a company's own."""
    found = {email.rpartition("@")[2].strip().lower() for email in emails}
    return sorted(found - PUBLIC_DOMAINS - {""})


def company_traits(
    *, card: int, name: str, inn: str = "", kpp: str = "", ogrn: str = "", phones: Iterable[str] = (),
    emails: Iterable[str] = (), address: str = "", city: str = "", postal: str = "",
) -> dict[str, Any]:  # fmt: skip
    """One row of what of a company is compared; ``inn`` may be its index, equality is all that is asked of it."""
    form, words = legal_form(name)
    telling = [word for word in words if word not in _GENERAL] or words
    mail = sorted(set(emails))
    return {
        "unique_id": card,
        "name": "".join(telling) or None,
        "words": sorted(set(telling)),
        "form": form or None,
        "inn": inn or None,
        "kpp": kpp or None,
        "ogrn": ogrn or None,
        "phones": sorted(set(phones)),
        "emails": mail,
        "domains": domains(mail),
        "address": words_of_address(address),
        "city": cyrillic(name_key(city)).replace(" ", "") or None,
        "postal": postal.strip() or None,
    }

"""Texts with ``{variables}``."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VARIABLES: dict[str, str | Promise] = {
    "greeting": _("Name and patronymic, as the client is addressed"),
    "client_name": _("Full name of the client"),
    "product": _("Product, as messages call it"),
    "number": _("Policy number"),
    "object": _("What is insured"),
    "end_date": _("Last day of the policy, DD.MM.YY"),
    "premium": _("Price of the next term"),
    "pay_link": _("Link to the pay page"),
    "agent_name": _("First and last name of the agent"),
    "agent_phone": _("The agent's phone"),
    "centre_phone": _("Phone of the region's renewal centre"),
    "company": _("Name of the company"),
    "short_number": _("Short number of the company"),
}

# What a preview shows where the client at hand has no such thing.
SAMPLE_VALUES: dict[str, str] = {
    "greeting": "Вера Николаевна",
    "client_name": "Орлова Вера Николаевна",
    "product": "ОСАГО",
    "number": "ХХХ 0412773905",
    "object": "Hyundai Creta, Р 418 ТО 116",
    "end_date": "05.12.26",
    "premium": "8 533,99 ₽",
    "pay_link": "https://prichal.example/pay/k3J9x0Qm2aVt7LsR/",
    "agent_name": "Анна Соколова",
    "agent_phone": "+7 917 200-01-01",
    "centre_phone": "+7 846 200-09-99",
    "company": "Причал Страхование",
    "short_number": "*0999",
}

_PLACE = re.compile(r"\{([^{}]*)\}")


class TextError(ValueError):
    """A text that cannot be filled; ``str()`` says why, in the reader's language."""


class UnknownVariable(TextError):
    """The text names a variable that nobody gives a value for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return str(_("There is no variable {%(name)s}.") % {"name": self.name})


class StrayBrace(TextError):
    """A brace that opens or closes no variable: a client would see it."""

    def __str__(self) -> str:
        return str(_("A brace stands alone: variables are written like {greeting}."))


def variables_in(text: str) -> list[str]:
    """Names of the variables of ``text``, each once, in order. Raises `StrayBrace`."""
    if re.search(r"[{}]", _PLACE.sub("", text)):
        raise StrayBrace
    return list(dict.fromkeys(_PLACE.findall(text)))


def render(text: str, variables: Mapping[str, str]) -> str:
    """``text`` with every ``{name}`` replaced. Raises `UnknownVariable` or `StrayBrace`, never half a text."""
    for name in variables_in(text):
        if name not in variables:
            raise UnknownVariable(name)
    return _PLACE.sub(lambda place: variables[place[1]], text)

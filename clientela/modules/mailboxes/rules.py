"""Words under mails, and what an address or a password's variable may be. Pure."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

VARIABLE_PREFIX = "CLIENTELA_MAIL_PASSWORD_"
VARIABLES: dict[str, str | Promise] = {
    "person_name": _("First and last name of who writes"),
    "person_phone": _("Phone of who writes"),
    "person_email": _("E-mail of who writes"),
    "branch": pgettext_lazy("signature", "Branch"),
    "branch_city": _("City of the branch"),
    "branch_phone": _("Phone of the branch"),
    "company": _("Name of the company"),
    "short_number": _("Short number of the company"),
}
_PLACE = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(rf"{VARIABLE_PREFIX}[A-Z0-9_]{{1,40}}")
_ADDRESS = re.compile(r"[^\s@<>()\",;:\\]+@[^\s@<>()\",;:\\]+\.[^\s@<>()\",;:\\]+")
SEPARATOR = "-- "


def unknown_variables(text: str) -> list[str]:
    """Places in ``text`` that nobody gives a value for; a brace alone counts as one."""
    found = [name for name in _PLACE.findall(text) if name not in VARIABLES]
    return found + re.findall(r"[{}]", _PLACE.sub("", text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its variables; a line that had one and is left with nothing falls away."""
    lines = []
    for line in text.strip().splitlines():
        names = _PLACE.findall(line)
        if names and not any(values.get(name, "") for name in names):
            continue
        lines.append(_PLACE.sub(lambda place: values.get(place[1], ""), line).rstrip())
    return "\n".join(lines).strip()


def signed(text: str, *signatures: str) -> str:
    """``text`` with the signatures under the usual separator; unchanged when there are none."""
    below = "\n".join(part for part in signatures if part)
    return f"{text.rstrip()}\n\n{SEPARATOR}\n{below}" if below else text


def is_address(text: str) -> bool:
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def is_password_variable(name: str) -> bool:
    """Only variables made for this: another secret of the installation must not go to a mail server."""
    return _VARIABLE.fullmatch(name) is not None

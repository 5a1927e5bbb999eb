"""Why a connection did not work, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clientela.modules.mailboxes.ports import Fault

_SIDES = {"imap": _("Incoming mail: %(fault)s."), "smtp": _("Outgoing mail: %(fault)s."), "": "%(fault)s."}
_FAULTS: dict[str, str | Promise] = {
    "no_server": _("Name a server first"),
    "no_such_server": _("there is no server of this name"),
    "silent": _("the server does not answer"),
    "refused": _("the server refuses this port"),
    "credentials": _("the user or the password is wrong"),
    "encryption": _("the encryption does not fit"),
}


def said(fault: Fault) -> str:
    """What a person can do something about, in their language; the server's own words for the rest."""
    words = ": ".join(part for part in (str(_FAULTS.get(fault.code, "")), fault.words) if part)
    return str(_SIDES[fault.side]) % {"fault": words}

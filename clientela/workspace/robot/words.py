"""The fields of a node in words."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

FIELDS: dict[str, Promise] = {
    "name": pgettext_lazy("node", "Name"),
    "kind": pgettext_lazy("node", "Kind"),
    "speech": pgettext_lazy("node", "Speech"),
    "again": pgettext_lazy("node", "When repeated"),
    "next": pgettext_lazy("node", "Then"),
    "answers": pgettext_lazy("node", "Answers"),
    "wait": pgettext_lazy("node", "Waits, seconds"),
    "act": pgettext_lazy("node", "Act"),
    "outcome": pgettext_lazy("node", "Outcome"),
    "channel": pgettext_lazy("node", "Sent by"),
    "message": pgettext_lazy("node", "Text that is sent"),
    "days": pgettext_lazy("node", "Days until the call"),
    "sound": pgettext_lazy("node", "Recording"),
}


def field_name(name: str) -> Promise | str:
    """What people call the field."""
    return FIELDS.get(name, name)

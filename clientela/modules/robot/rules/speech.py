"""Speech with variables: ``{name}`` is filled; what stands in ``[…]`` is left out when a word in it is not known."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clientela.modules.robot.rules.dialogue import VARIABLES

_VARIABLE = re.compile(r"\{([a-z_]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
# A brisk synthetic voice; the slowest of ours says fifteen characters a second.
CHARACTERS_A_SECOND = 14


class SpeechError(ValueError):
    """A speech that cannot be said for this client."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))


def variables_in(speech: str) -> list[str]:
    """Names in order of appearance. Raises `SpeechError` for a variable that does not exist or stray brackets."""
    names = _VARIABLE.findall(speech)
    for name in names:
        if name not in VARIABLES:
            raise SpeechError(_("There is no variable {%(name)s}.") % {"name": name})
    rest = _OPTIONAL.sub(r"\1", _VARIABLE.sub("", speech))
    if any(c in rest for c in "{}[]"):
        raise SpeechError(_("A bracket is not closed."))
    return list(dict.fromkeys(names))


def fill(speech: str, values: Mapping[str, str]) -> str:
    """What is said to this client. Raises `SpeechError` when a word outside ``[…]`` is not known."""
    variables_in(speech)

    def optional(found: re.Match[str]) -> str:
        part = found[1]
        return part if all(values.get(name) for name in _VARIABLE.findall(part)) else ""

    def word(found: re.Match[str]) -> str:
        value = values.get(found[1], "")
        if not value:
            raise SpeechError(_("{%(name)s} is not known for this client.") % {"name": found[1]})
        return value

    return re.sub(r" {2,}", " ", _VARIABLE.sub(word, _OPTIONAL.sub(optional, speech))).strip()


def seconds(speech: str) -> int:
    """About how long it takes to say."""
    return max(1, -(-len(speech) // CHARACTERS_A_SECOND))

"""Links in a text, and which of them lead away from our own tracked and pay pages."""

import html
import re
from urllib.parse import urlsplit

# With a scheme, with www, or a bare name under a domain that messages really use.
_TOP = "ru|su|рф|com|net|org|info|biz|pro|online|site|shop|store|app|io|me|link|page|ly|cc|to|gl|москва|рус"
_LINK = re.compile(
    rf"""(?xi)
    (?:https?:)?//[^\s<>"'«»]+
    | \bwww\.[^\s<>"'«»]+
    | (?<![@\w.-]) (?:[\w-]+\.)+ (?:{_TOP}) \b (?!@) (?:[/?:][^\s<>"'«»]*)?
    """
)
# Most texts have no link at all: this looks for one some ten times faster.
_HINT = re.compile(rf"//|www\.|\w\.(?:{_TOP})\b", re.IGNORECASE)
_TRAILING = ".,;:!?)]}…"


def links_in(text: str) -> list[str]:
    """Every link of a text or of HTML, in order, as it is written; e-mail addresses are none."""
    plain = html.unescape(text) if "&" in text else text
    if not _HINT.search(plain):
        return []
    return [found.group().rstrip(_TRAILING) for found in _LINK.finditer(plain)]


def foreign_links(text: str, own: tuple[str, ...]) -> list[str]:
    """Links of ``text`` that do not begin with one of ``own`` (``https://host/pay/``), each once."""
    return list(dict.fromkeys(link for link in links_in(text) if not _is_own(link, own)))


def _is_own(link: str, own: tuple[str, ...]) -> bool:
    target = urlsplit(link if "//" in link else f"//{link}")
    if ".." in target.path or target.username is not None:
        return False
    for prefix in own:
        ours = urlsplit(prefix)
        if target.netloc.lower() == ours.netloc.lower() and target.path.startswith(ours.path):
            return True
    return False

"""A client's HTML mail as a page that does nothing: no scripts, forms or styles, pictures only when asked for, and every
link tells where it leads. Pure."""

from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3

_TAGS = {
    "a", "b", "blockquote", "br", "caption", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_VOID = {"br", "hr", "img"}


def inert(html: str, *, pictures: bool) -> tuple[str, int]:
    """The body of such a page, and how many pictures it leaves out."""
    clean = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto", "tel"}, link_rel=None,
        clean_content_tags={"script", "style", "title", "noscript", "template", "svg", "math"},
    )  # fmt: skip
    writer = _Writer(pictures)
    writer.feed(clean)
    writer.close()
    return "".join(writer.out), writer.left_out


class _Writer(HTMLParser):
    """Writes well-formed HTML again, with hosts beside links and words in place of pictures."""

    def __init__(self, pictures: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.pictures, self.out, self.left_out = pictures, list[str](), 0
        self._hosts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._picture(values)
            return
        if tag == "a":
            target = values.get("href", "")
            self._hosts.append(_host(target))
            values = {"rel": "noopener noreferrer nofollow", "target": "_blank"} | (
                {"href": target} if target else {}
            )
        self.out.append(f"<{tag}{_written(values)}>")

    def _picture(self, values: dict[str, str]) -> None:
        source = values.get("src", "")
        if not source.startswith(("http://", "https://")):
            return
        if self.pictures:
            shown = {
                "src": source,
                "alt": values.get("alt", ""),
                "referrerpolicy": "no-referrer",
                "loading": "lazy",
            }
            self.out.append(f"<img{_written(shown)}>")
        else:
            self.left_out += 1
            self.out.append(escape(f"[{values.get('alt') or _host(source)}]"))

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self.out.append(f"</{tag}>")
        if tag == "a" and self._hosts and (host := self._hosts.pop()):
            self.out.append(f" <small>[{escape(host)}]</small>")

    def handle_data(self, data: str) -> None:
        self.out.append(escape(data))


def _written(values: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items())


def _host(url: str) -> str:
    """What follows the scheme: the host of an address of the web, else the whole."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url[:80]
    return (parts.hostname or parts.path)[:80]

"""A stored message as it goes out: for e-mail a calm HTML mail with our own tracked links, else its text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from clientela.modules.contacts.models import CARRY_FILES, Purpose
from clientela.modules.contacts.ports import Attachment, OutgoingMessage

_URL = re.compile(r"https?://[^\s<>\"'«»]+[^\s<>\"'«».,;:!?)\]}…]")
_TAGS = {
    "a", "b", "blockquote", "br", "div", "em", "h1", "h2", "h3", "hr", "i", "li", "ol", "p", "span", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-radius", "color", "font-size",
    "font-weight", "line-height", "margin", "padding", "text-align", "text-decoration", "vertical-align", "width",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"style"},
    "a": {"href", "title"},
    "td": {"colspan", "rowspan", "align", "valign", "width"},
    "th": {"colspan", "rowspan", "align", "valign", "width"},
    "table": {"cellpadding", "cellspacing", "width"},
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is needed to put a stored message on its way. ``language`` is the client's, ``token`` its
    ``link_token``."""

    id: int
    channel: str
    to: str
    text: str
    subject: str
    html: str
    sender: str
    purpose: str
    token: str
    language: str
    answers: str | None = None
    continues: int | None = None
    automatic: Literal["", "auto-generated", "auto-replied"] = "auto-generated"
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of a paragraph, a link in it, or a button when the paragraph is nothing but our pay link."""

    text: str
    href: str = ""
    is_button: bool = False


def compose(message: Outgoing) -> OutgoingMessage:
    """The message for the transport. Raises whatever a broken template raises: then it must not go."""
    values: dict[str, Any] = {
        "id": message.id,
        "channel": message.channel,
        "to": message.to,
        "text": message.text,
        "sender": message.sender,
    }
    if message.channel == "vk_wall":
        values["in_reply_to"] = message.answers
    if message.channel in CARRY_FILES:
        values["attachments"] = message.attachments
    if message.channel == "telegram":
        values["in_reply_to"] = message.answers
    if message.channel == "email":
        with translation.override(message.language):
            values |= {
                "subject": message.subject,
                "text": f"{message.text}\n\n—\n{_footer(message)}\n{unsubscribe_url(message.token)}\n",
                "html": mail_html(message),
                "in_reply_to": message.answers,
                "continues": message.continues,
                "automatic": message.automatic,
                "list_unsubscribe_url": unsubscribe_url(message.token),
            }
    return OutgoingMessage(**values)


def mail_html(message: Outgoing) -> str:
    """The HTML of a mail: inline styles and tables, no picture but the pixel that tells of opening."""
    return render_to_string(
        "contacts/mail/message.html",
        {
            "subject": message.subject,
            "company": settings.COMPANY_NAME,
            "language": message.language,
            "html": _tracked_html(message.html, message.token) if message.html else "",
            "paragraphs": [] if message.html else list(_paragraphs(message.text, message.token)),
            "footer": _footer(message),
            "unsubscribe_url": unsubscribe_url(message.token),
            "pixel_url": f"{_public()}/t/{message.token}/o.gif",
        },
    )


def unsubscribe_url(token: str) -> str:
    return f"{_public()}/u/{token}/"


def tracked_url(url: str, token: str) -> str:
    """Our link that notes the click and leads to ``url``; the signature makes it useless for anything else."""
    return f"{_public()}/t/{token}/c/{_signer(token).sign_object(url)}"


def target_of(signed: str, token: str) -> str:
    """Where a tracked link of this message leads. Raises ``signing.BadSignature``."""
    return str(_signer(token).unsign_object(signed))


def _signer(token: str) -> signing.Signer:
    return signing.Signer(salt=f"contacts.link.{token}")


def _public() -> str:
    return settings.PUBLIC_URL.rstrip("/")


def _footer(message: Outgoing) -> str:
    values = {"company": settings.COMPANY_NAME}
    if message.purpose == Purpose.ADVERTISING:
        return _("Advertising of %(company)s. You agreed to receive it and can stop it at any time:") % values
    return _("%(company)s writes to you about your own policies. You can stop these e-mails:") % values


def _tracked_html(html: str, token: str) -> str:
    def attribute(tag: str, name: str, value: str) -> str | None:
        if (tag, name) == ("a", "href") and value.startswith(("http://", "https://")):
            return tracked_url(value, token)
        return value

    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )


def _paragraphs(text: str, token: str) -> Iterator[list[list[Piece]]]:
    """Paragraphs of lines of pieces."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [list(_pieces(line.strip(), token)) for line in paragraph.splitlines()]
        if lines:
            yield lines


def _pieces(line: str, token: str) -> Iterator[Piece]:
    if _URL.fullmatch(line) and _is_pay_link(line):
        yield Piece(_("Renew and pay"), tracked_url(line, token), is_button=True)
        return
    position = 0
    for found in _URL.finditer(line):
        if found.start() > position:
            yield Piece(line[position : found.start()])
        yield Piece(found.group(), tracked_url(found.group(), token))
        position = found.end()
    if position < len(line):
        yield Piece(line[position:])


def _is_pay_link(url: str) -> bool:
    return urlsplit(url).path.startswith("/pay/") and url.startswith(f"{_public()}/")

"""Letters as pages of a PDF."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from clientela.foundation.phones import format_phone
from clientela.foundation.ui.printing import set_pages
from clientela.modules.letters.rules import Window
from clientela.modules.organisation.models import Branch

# Margins of the page, height of the letterhead, room below the window: millimetres, as in letters/paper.html.
LEFT, TOP, HEAD, BELOW = 25, 20, 18, 10


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a client's letter."""

    number: int
    name: str
    postal_code: str
    city: str
    street: str
    subject: str
    text: str
    language: str
    branch: Branch
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF and the number of pages of each letter, in order."""

    pdf: bytes
    pages: list[int]


def printed(letters: Sequence[Page], *, window: Window, day: date) -> Printed:
    """Pages of all ``letters``, each beginning on a page of its own. Raises `NoPrinter`."""
    context = {"at": _places(window), "letters": [_context(one, day) for one in letters]}
    html = render_to_string("letters/paper.html", context)
    document = set_pages(html)
    begins = []
    for place, page in enumerate(document.pages):
        begins += [place for name in page.anchors if name.startswith("letter-")]
    ends = [*begins[1:], len(document.pages)]
    return Printed(document.write_pdf(), [end - begin for begin, end in zip(begins, ends, strict=True)])


def _places(window: Window) -> dict[str, str]:
    """The window within the margins of the page, and how far below it the letter begins, in millimetres."""
    return {
        "left": f"{window.left - LEFT:.1f}",
        "top": f"{window.top - TOP:.1f}",
        "width": f"{window.width:.1f}",
        "height": f"{window.height:.1f}",
        "body": f"{max(0.0, window.top + window.height - TOP - HEAD + BELOW):.1f}",
    }


def _context(letter: Page, day: date) -> dict[str, Any]:
    branch = letter.branch
    with override(letter.language):
        return {
            "letter": letter,
            "company": settings.COMPANY_NAME,
            "short_number": settings.SHORT_NUMBER,
            "branch": branch,
            "branch_phone": format_phone(branch.phone) if branch.phone else "",
            "day": day,
            "language": letter.language,
            "paragraphs": [part.split("\n") for part in re.split(r"\n\s*\n", letter.text.strip())],
        }


def joined(parts: Sequence[IO[bytes]]) -> BytesIO:
    """One PDF of several, in order."""
    from pypdf import PdfWriter

    writer, kept = PdfWriter(), BytesIO()
    for part in parts:
        writer.append(part, import_outline=False)
    writer.write(kept)
    writer.close()
    kept.seek(0)
    return kept

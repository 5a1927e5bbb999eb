"""The sales book of the demo company: honest texts for every shipped product, with two files the product made itself."""

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from clientela.foundation.dates import local_today
from clientela.foundation.lists.export import xlsx_file
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.printing import set_pages
from clientela.modules.accounts.models import User
from clientela.modules.book.operations import pages
from clientela.modules.products.models import Product
from clientela.modules.rating.queries import body_on, versions_on

TEXTS = Path(__file__).parent / "tables" / "book.toml"
AUTHOR = "t.ahmetov@prichal.example"
_STEPS = (
    "Есть пострадавшие — звоните 112.",
    "Не двигайте машину, снимите на телефон место, номера и повреждения.",
    "Позвоните нам по короткому номеру и назовите номер полиса.",
    "Не ремонтируйте машину до осмотра.",
)


def write(now: datetime) -> int:
    """Pages of the products that are here and have none yet; returns how many entries."""
    author = User.objects.filter(email=AUTHOR).first()
    if author is None:
        return 0
    book: dict[str, Any] = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    today, written = local_today(settings.TIME_ZONE, now), 0
    products = Product.objects.filter(code__in=book, book_page=None)
    for place, product in enumerate(products.order_by("pk")):
        at = now - timedelta(days=9 * place + 5, hours=place)
        said = book[product.code]
        who: dict[str, Any] = {"actor": author, "now": at, "product": product}
        pages.change_page(**who, pitch=said["pitch"], licence=said["licence"])
        tables = versions_on(product.code, today)
        for entry in said["entries"]:
            pages.add_entry(**who, **_fields(entry, tables, author, today))
            written += 1
    return written


def _fields(entry: dict[str, Any], tables: dict[str, Any], author: User, today: date) -> dict[str, Any]:
    """What is typed into the book; a table gives the link and the number of its rows."""
    fields = {
        name: entry.get(name, "").strip() for name in ("block", "title", "note", "remark", "body", "link")
    }
    table = tables.get(entry.get("table", ""))
    if table is not None:
        fields["link"] = reverse("product_pages:table", args=[table.table_id])
        fields["remark"] = fields["remark"] or _rows(len(table.rows))
    if entry.get("curator"):
        fields["link"] = reverse("chat:with", args=[author.pk])
    file = _FILES[entry["file"]](today) if "file" in entry else None
    until = today + timedelta(days=entry["until"]) if "until" in entry else None
    return fields | {"is_notice": entry.get("notice", False), "shown_until": until, "file": file}


def _rows(count: int) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return f"{count} строка"
    few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
    return f"{count} {'строки' if few else 'строк'}"


def _claims(today: date) -> ContentFile | None:
    """A page to hand to a client; nothing where this machine cannot set pages."""
    steps = format_html_join("", "<li>{}</li>", ((one,) for one in _STEPS))
    html = format_html(
        '<html lang="ru"><style>@page{{size:A5;margin:15mm}}body{{font:11pt "PT Sans","DejaVu Sans",sans-serif}}</style>'
        "<h1>Если случилась авария</h1><ol>{}</ol><p>{}, {}</p></html>",
        steps, settings.COMPANY_NAME, settings.SHORT_NUMBER,
    )  # fmt: skip
    try:
        return ContentFile(set_pages(html).write_pdf(), name="Памятка клиенту при аварии.pdf")
    except Refusal:
        return None


def _franchise(today: date) -> ContentFile | None:
    """The table of deductibles as it counts today."""
    body = body_on("kasko.deductible", today)
    if body is None:
        return None
    names = ("deductible", "g1", "g2", "g3")
    rows = ([body.text(row, name) for name in names] for row in range(len(body.rows)))
    with xlsx_file(["Франшиза, ₽", "Группа 1", "Группа 2", "Группа 3"], rows, title="Франшизы") as made:
        return ContentFile(made.read(), name="Франшизы КАСКО.xlsx")


_FILES = {"claims": _claims, "franchise": _franchise}

"""Icons of the book and what its blocks say of themselves from the product's own data."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.rules import Permission
from clientela.modules.book.models import Block, Entry, Page
from clientela.modules.products.models import Line, Product, ProductVersion
from clientela.modules.rating.models import TableVersion
from clientela.modules.sales.models import AdviceRule
from clientela.modules.underwriting.queries import limit_of

LINES: dict[str, str] = {
    Line.KASKO: "car", Line.OSAGO: "shield-check", Line.PROPERTY: "home", Line.MORTGAGE: "building-bank",
    Line.TRAVEL: "world", Line.ACCIDENT: "heart",
}  # fmt: skip
BLOCKS = {
    Block.RULES: "license", Block.UNDERWRITING: "scale", Block.TARIFFS: "calculator", Block.CLAIMS: "car-crash",
    Block.MARKETING: "speakerphone", Block.TRAINING: "bulb", Block.SUPPORT: "headset",
}  # fmt: skip
_SHEETS = ("xls", "xlsx", "ods", "csv")
_PICTURES = ("jpg", "jpeg", "png", "webp", "heic", "tif", "tiff")
MOST_CHANGES = 6


def icon_of_product(product: Product) -> str:
    """The icon of the product's line."""
    return LINES.get(product.line, "file-text")


def icon_of(entry: Entry) -> str:
    """What an entry is, at a glance: its file, its link, or a text."""
    suffix = entry.file_name.rpartition(".")[2].lower()
    if entry.file_name:
        return "file-spreadsheet" if suffix in _SHEETS else "photo" if suffix in _PICTURES else "file"
    if entry.link:
        return "table" if entry.link.startswith("/products/tables/") else "link"
    return "file-text"


def notes(user: Any, product: Product, page: Page | None, day: date) -> dict[str, str]:
    """What stands beside the heading of a block: the licence, the reader's limit, the tariff of the day."""
    return {
        Block.RULES: page.licence if page else "",
        Block.UNDERWRITING: _limit(user, product),
        Block.TARIFFS: _tariff(product, day),
    }


def coming(product: Product, day: date) -> list[dict[str, Any]]:
    """Versions that are approved and begin after ``day``: what changes, by its first day."""
    tables = TableVersion.objects.filter(
        table__product=product, state=TableVersion.State.APPROVED, starts_on__gt=day
    )
    by_day: dict[date, list[str]] = {}
    for row in tables.select_related("table").order_by("starts_on", "table__position")[:MOST_CHANGES]:
        by_day.setdefault(row.starts_on, []).append(str(row.table))
    versions = ProductVersion.objects.filter(
        product=product, state=ProductVersion.State.ACTIVE, starts_on__gt=day
    )
    for version in versions.order_by("starts_on")[:MOST_CHANGES]:
        text = _("version %(number)s of the product") % {"number": version.number}
        by_day.setdefault(version.starts_on, []).insert(0, text)
    return [{"day": at, "what": ", ".join(names)} for at, names in sorted(by_day.items())]


def prospects(user: Any, product: Product) -> dict[str, str]:
    """Whom the rules of advice say to offer the product's line: the list's address and its count's; none without a rule."""
    may = user.can(Permission.CLIENTS_READ) and user.can(Permission.SALES_READ)
    if not may or not product.is_active:
        return {}
    if not AdviceRule.objects.filter(line=product.line, is_active=True).exists():
        return {}
    wanted = f"?advised={product.line}"
    return {"url": reverse("clients:list") + wanted, "count_url": reverse("clients:count") + wanted}


def _limit(user: Any, product: Product) -> str:
    if not user.can(Permission.UNDERWRITING_DECIDE):
        return ""
    limit = limit_of(user, product.pk)
    if limit is None:
        return _("you decide any sum")
    if limit < Decimal(0):
        return ""
    return _("your limit %(sum)s") % {"sum": formats.money_short(limit, language())}


def _tariff(product: Product, day: date) -> str:
    rows = TableVersion.objects.filter(
        table__product=product, state=TableVersion.State.APPROVED, starts_on__lte=day
    )
    count = rows.order_by().values("table").distinct().count()
    if not count:
        return ""
    newest = rows.order_by("-starts_on").values_list("starts_on", flat=True)[0]
    told = ngettext("%(n)s table of the tariff", "%(n)s tables of the tariff", count) % {"n": count}
    return _("%(tables)s, the newest since %(day)s") % {
        "tables": told, "day": formats.full_date(newest, language())
    }  # fmt: skip

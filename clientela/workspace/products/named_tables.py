"""Tables by their titles in the form of a product: “Base rate · kasko.base” stands for ``kasko.base``."""

from collections.abc import Iterable, Mapping
from typing import Any

from clientela.modules.products.models import Product
from clientela.modules.rating.models import Table

FIELDS = frozenset({"table", "within"})  # of a step
NAMES = "*tables"  # beside the questions, where words for a value are looked up
BETWEEN = " · "


def shown(table: Table) -> str:
    """As it stands in a field: its title, and the code that tells tables of one title apart."""
    return f"{table}{BETWEEN}{table.code}"


def codes_of(product: Product) -> dict[str, str]:
    """The code of each table by everything one may type for it."""
    found: dict[str, str] = {}
    for table in Table.objects.filter(product=product):
        for name in (table.title, table.title_en, str(table)):
            if name:
                found.setdefault(name.casefold(), table.code)
    for table in Table.objects.filter(product=product):
        found[table.code.casefold()] = table.code
    return found


def code_of(text: str, codes: Mapping[str, str]) -> str:
    """The code that was meant; what names no table stays as it was typed, and is told as a fault."""
    last = text.rpartition(BETWEEN)[2].strip()
    return codes.get(text.strip().casefold()) or codes.get(last.casefold()) or last


def worded(rows: Iterable[dict[str, Any]], tables: Iterable[Table]) -> list[dict[str, Any]]:
    """Steps of the form with titles in the place of codes; a code of no table stays."""
    names = {one.code: one for one in tables}
    found = []
    for row in rows:
        fields = dict(row["fields"])
        for name in FIELDS & set(fields):
            if fields[name] in names:
                fields[name] = shown(names[fields[name]])
        known = names.get(row["table"])
        found.append(row | {"fields": fields, "table": str(known) if known else row["table"]})
    return found


def options(product: Product) -> dict[str, dict[str, Any]]:
    """Titles by their codes, as words for values of a definition."""
    return {NAMES: {"options": [(one.code, str(one)) for one in Table.objects.filter(product=product)]}}

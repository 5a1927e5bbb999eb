"""Tags and filters of the design system. The library is built in: templates need no ``{% load %}``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats, markup
from clientela.foundation.ui.markup import language

register = template.Library()

for _tag in ("icon", "days", "state", "channel", "avatar", "price_change", "track", "dial"):
    register.simple_tag(getattr(markup, _tag), name=_tag)

register.simple_tag(markup.asset, name="asset")
register.filter("initials", formats.initials)
register.filter("tint", formats.tint)
register.filter("plate", formats.plate)

Figure = Decimal | int | float | None


@register.filter
def money(amount: Figure) -> str:
    """``8 533,99 ₽``; nothing for nothing."""
    return "" if amount is None else formats.money(amount, language())


@register.filter
def money_round(amount: Figure) -> str:
    """Whole roubles: ``80 108 ₽``, for summaries."""
    return "" if amount is None else formats.money(amount, language(), kopecks=False)


@register.filter
def money_short(amount: Figure) -> str:
    """``214 тыс. ₽``, for strips."""
    return "" if amount is None else formats.money_short(amount, language())


@register.filter
def number(value: Figure, decimals: int = 0) -> str:
    """``1 284``; the argument is the count of decimals."""
    return "" if value is None else formats.number(value, language(), decimals)


@register.filter
def percent(value: Figure, decimals: int = 0) -> str:
    """``84 %``: the value is in percent."""
    return "" if value is None else formats.percent(value, language(), decimals)


@register.filter
def signed_percent(value: Figure, decimals: int = 1) -> str:
    """``−1,9 %``, «без изменений» for zero."""
    return "" if value is None else formats.signed_percent(value, language(), decimals)


@register.filter
def points(value: Figure, decimals: int = 1) -> str:
    """``+1,8 п. п.``"""
    return "" if value is None else formats.points(value, language(), decimals)


@register.filter
def in_days(count: int | None) -> str:
    """``17 дней``"""
    return "" if count is None else formats.days(count, language())


@register.filter
def temperature(left: int, steps: Iterable[int] = formats.STEPS) -> str:
    """far, mid, soon, now or past."""
    return formats.temperature(left, steps)


def _day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def short_date(value: date | datetime | None) -> str:
    """``05.12``; with the year when it is another one."""
    return formats.short_date(_day(value), language(), timezone.localdate()) if value else ""


@register.filter
def full_date(value: date | datetime | None) -> str:
    """``05.12.2026``"""
    return formats.full_date(_day(value), language()) if value else ""


@register.filter
def long_date(value: date | datetime | None) -> str:
    """``5 декабря``; with the year when it is another one."""
    return formats.long_date(_day(value), language(), timezone.localdate()) if value else ""


@register.filter
def near_date(value: date | datetime | None) -> str:
    """«сегодня», «вчера», otherwise ``05.12``."""
    return formats.near_date(_day(value), language(), timezone.localdate()) if value else ""


@register.filter
def near_time(moment: datetime | None, zone: Any = None) -> str:
    """«сегодня, 11:00» on the clock of ``zone`` (the client's), by default the person's own."""
    if moment is None:
        return ""
    return formats.near_moment(moment, language(), timezone.now(), zone or timezone.get_current_timezone())


@register.filter
def phone(number: str | None) -> str:
    """``+7 917 000-41-08``"""
    return format_phone(number) if number else ""


@register.filter
def policy_number(value: str | None) -> str:
    """``№ ХХХ 0412773905``"""
    return formats.policy_number(value, language()) if value else ""


@register.simple_tag
def meter(value: Figure, label: str, norm: Figure = None, kind: str = "") -> SafeString:
    """Bar of ``value`` percent with the norm's tick; below the norm marigold, above it green."""
    if not kind and norm is not None and value is not None:
        kind = "good" if value >= norm else "warn"
    width = min(max(float(value or 0), 0), 100)
    tick = format_html('<u style="left:{}%"></u>', f"{float(norm):.4g}") if norm is not None else ""
    return format_html(
        '<span class="meter" role="img" aria-label="{}"><i class="{}" style="width:{}%"></i>{}</span>',
        label, kind, f"{width:.4g}", tick,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def theme(context: Context) -> SafeString:
    """Attributes of <html> for the chosen theme; theme.js resolves «system» before the first paint."""
    request = context.get("request")
    choice = request.COOKIES.get("theme", "system") if request is not None else "system"
    if choice not in ("light", "dark"):
        return mark_safe('data-theme-choice="system" data-theme="light"')
    return format_html('data-theme-choice="{0}" data-theme="{0}"', choice)


@register.simple_tag(takes_context=True)
def cookie(context: Context, name: str) -> str:
    """A cookie of the person's own page settings (``rail``, ``keys``)."""
    request = context.get("request")
    return request.COOKIES.get(name, "") if request is not None else ""


@register.simple_tag
def dock(nav: Sequence[Mapping[str, Any]] | None, count: int = 4) -> list[Mapping[str, Any]]:
    """The phone's bottom bar: items marked ``dock``, else the first ones of the navigation."""
    items = [item for section in nav or () for item in section["items"]]
    return ([item for item in items if item.get("dock")] or items)[:count]


@register.filter
def control(bound: Any, css: str = "") -> SafeString:
    """The widget of a bound field with the classes of the design system."""
    kind = getattr(bound.field.widget, "input_type", "")
    own = "pick" if kind in ("checkbox", "radio") else "input"
    return bound.as_widget(attrs={"class": f"{own} {css}".strip()})


@register.simple_tag(takes_context=True)
def sort_link(context: Context, key: str, label: str, current: str = "") -> SafeString:
    """Link of a table head that orders by ``key``; a second press turns the order round.

    ``current`` is the order in force: ``end_date`` or ``-end_date``.
    """
    request = context["request"]
    query = request.GET.copy()
    query["order"] = f"-{key}" if current == key else key
    query.pop("page", None)
    way = {key: "chevron-up", f"-{key}": "chevron-down"}.get(current)
    return format_html(
        '<a class="sort" href="?{}">{}{}</a>',
        query.urlencode(), label, markup.icon(way, 14) if way else "",
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def page_link(context: Context, param: str, value: Any) -> str:
    """Query string of this page with one parameter changed."""
    query = context["request"].GET.copy()
    query[param] = value
    return f"?{query.urlencode()}"

"""The small marks of the design system as ready HTML.

They stand in every row of every list, so they are built here in Python: several times faster than a
template each. The template tags and the cotton components both draw from here.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import cos, radians, sin
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext_lazy

from clientela.foundation.ui import daytrack, formats

CHANNELS: dict[str, tuple[str, Any]] = {
    "sms": ("message-2", "SMS"),
    "email": ("mail", pgettext_lazy("channel", "E-mail")),
    "vk": ("brand-vk", "VK"),
    "vk_wall": ("speakerphone", pgettext_lazy("channel", "VK, in public")),
    "telegram": ("brand-telegram", "Telegram"),
    "whatsapp": ("brand-whatsapp", "WhatsApp"),
    "robot": ("robot", pgettext_lazy("channel", "Robot")),
    "operator": ("headset", pgettext_lazy("channel", "Operator")),
    "call": ("phone", pgettext_lazy("channel", "Call")),
    "phone": ("phone", pgettext_lazy("channel", "Call")),
    "agent": ("user", pgettext_lazy("channel", "Agent")),
    "webchat": ("message-circle", pgettext_lazy("channel", "Chat on the site")),
    "chat": ("message-circle", pgettext_lazy("channel", "Chat")),
    "web": ("world", pgettext_lazy("channel", "Web site")),
    "letter": ("mail-forward", pgettext_lazy("channel", "Letter")),
    "portal": ("browser", pgettext_lazy("channel", "Client's account")),
}
STATES: dict[str, tuple[str, str]] = {
    "none": ("circle-dashed", "text-ink-3"),
    "project": ("file-text", "text-ink-2"),
    "quoted": ("calculator", "text-action"),
    "paid": ("circle-check-filled", "text-good"),
    "lost": ("circle-x", "text-bad-ink"),
    "wait": ("clock-pause", "text-signal-ink"),
    "done": ("circle-check", "text-good"),
    "fail": ("alert-circle", "text-bad-ink"),
    "off": ("circle-minus", "text-ink-3"),
}


@lru_cache
def asset(path: str) -> str:
    """URL of a file of the bundle; its plain name while the bundle has not been built."""
    try:
        return staticfiles_storage.url(f"ui/{path}")
    except ValueError:
        return f"{settings.STATIC_URL}ui/{path}"


def language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@lru_cache(maxsize=2048)
def icon(name: str, size: int | str | None = None, css: str = "", label: str = "") -> SafeString:
    """One symbol of the sprite; ``size`` in pixels. Hidden from readers unless it has a ``label``."""
    style = format_html(' style="font-size:{}px"', size) if size else ""
    role = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html(
        '<svg class="i{}"{}{}><use href="{}#i-{}"/></svg>',
        f" {css}" if css else "", style, role, asset("sprite.svg"), name,
    )  # fmt: skip


def days(left: int | None, steps: Iterable[int] = formats.STEPS) -> SafeString:
    """Days left with the temperature of the term; nothing for ``None``."""
    return SafeString("") if left is None else _days(left, tuple(steps), language())


@lru_cache(maxsize=2048)
def _days(left: int, steps: tuple[int, ...], lang: str) -> SafeString:
    count, unit = formats.days_chip(left, lang)
    return format_html(
        '<span class="days {}"><b>{}</b>{}</span>',
        formats.temperature(left, steps), count, f" {unit}" if unit else "",
    )  # fmt: skip


def state(kind: str, label: str) -> SafeString:
    """Icon and word of a status; ``kind`` is a key of STATES, the word is the caller's."""
    name, colour = STATES.get(kind, STATES["none"])
    return format_html(
        '<span class="state {}">{}<span class="{}">{}</span></span>',
        colour, icon(name), "text-ink-2" if kind in ("none", "off") else "text-ink", label,
    )  # fmt: skip


def channel(kind: str, label: str = "") -> SafeString:
    """Square with the channel's icon, its name for readers and on hover."""
    return _channel(kind, label, language())


@lru_cache(maxsize=2048)
def _channel(kind: str, label: str, lang: str) -> SafeString:
    name, usual = CHANNELS.get(kind, ("message-circle", kind))
    label = label or str(usual)
    return format_html(
        '<span class="chan" title="{}">{}<span class="sr">{}</span></span>', label, icon(name), label
    )


AVATAR_SIDES = {"md": 32, "lg": 40, "xl": 56}


def avatar(
    name: str, size: str = "", square: bool = False, online: bool = False, picture: str = ""
) -> SafeString:
    """The picture, or initials in the name's own tint; decoration, so the name itself must stand beside it."""
    if picture:
        side, css = AVATAR_SIDES.get(size, 24), f"ava{f' {size}' if size else ''}{' sq' if square else ''}"
        return format_html(
            '<img class="{}" src="{}" alt="" width="{}" height="{}">', css, picture, side, side
        )
    css = f"ava p{formats.tint(name)}{f' {size}' if size else ''}{' sq' if square else ''}"
    return format_html(
        '<span class="{}" aria-hidden="true">{}{}</span>',
        css, formats.initials(name), mark_safe('<span class="on"></span>') if online else "",
    )  # fmt: skip


def price_change(value: Any) -> SafeString:
    """Change of a price in percent: cheaper green, over +5 % brick, otherwise grey."""
    if value is None:
        return SafeString("")
    css = "text-good-ink" if value < 0 else "text-bad-ink font-medium" if value > 5 else "text-ink-3"
    return format_html('<span class="num {}">{}</span>', css, formats.signed_percent(value, language()))


def track(
    marks: Iterable[Mapping[str, Any]],
    today: int,
    label: str,
    span: int = daytrack.SPAN,
    runs: Sequence[Mapping[str, Any]] | None = None,
    height: int = 24,
) -> SafeString:
    """The day track. ``label`` is the full sentence that readers hear instead of the drawing."""
    at = daytrack.layout(marks, today, span, runs or ())
    parts = [f'<span class="trk-base"></span><span class="trk-gone" style="width:{at.gone:.2f}%"></span>']
    for period in at.periods:
        done = " done" if period.done else ""
        parts.append(
            f'<span class="trk-run{done}" style="left:{period.left:.2f}%;width:{period.width:.2f}%"></span>'
        )
    if at.today is not None:
        parts.append(f'<span class="trk-now" style="left:{at.today:.2f}%"></span>')
    parts.extend(_group(group) for group in at.groups)
    parts.append('<span class="trk-end"></span>')
    return format_html(
        '<div class="trk" role="img" aria-label="{}" style="height:{}px"><div class="trk-in">{}</div></div>',
        label, height, SafeString("".join(parts)),
    )  # fmt: skip


def _group(group: daytrack.Group) -> str:
    return '<span class="tps{}" style="left:{:.2f}%">{}</span>'.format(
        " is-now" if group.now else "", group.left, "".join(_dot(dot) for dot in group.dots)
    )


def _dot(dot: daytrack.Dot) -> str:
    name = "minus" if dot.state == "drop" else CHANNELS.get(dot.channel, ("message-circle", ""))[0]
    return f'<span class="tp {escape(dot.state)}" title="{escape(dot.label)}">{icon(name)}</span>'


@lru_cache
def dial(limits: tuple[int, ...] = formats.STEPS, span: int = daytrack.SPAN) -> SafeString:
    """The day track as a round dial, for the sign-in page."""
    parts = []
    for day in range(span, 0, -1):
        turn = radians(140 + (span - day) * 260 / span)
        main = day in limits
        (x1, y1), (x2, y2) = ((260 + r * cos(turn), 260 + r * sin(turn)) for r in (196 if main else 206, 226))
        hot = day <= min(limits)
        colour = "#fcb61a" if hot else "#fff"
        opacity = 1 if hot else 0.95 if main else 0.32
        parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-opacity="{opacity}" stroke-width="{4 if main else 2.5}" stroke-linecap="round"/>'
        )
        if main:
            x, y = 260 + 170 * cos(turn), 265 + 170 * sin(turn)
            parts.append(
                f'<text x="{x:.1f}" y="{y:.1f}" fill="#a3b6be" font-size="16" text-anchor="middle">{day}</text>'
            )
    parts.append('<circle cx="423.9" cy="397.6" r="12" fill="#fcb61a"/>')
    head = '<svg viewBox="0 0 520 520" class="w-[540px] max-w-[86%]" aria-hidden="true">'
    return SafeString(f"{head}{''.join(parts)}</svg>")

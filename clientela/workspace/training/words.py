"""How a state of training is said."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.book.rules.training import Reason, Verdict, topics_of


def state_of(verdict: Verdict, day: date) -> tuple[str, str]:
    """A badge: its kind and its words. «сдан до 14.02.2027», «нужен с 01.12.2026»."""
    until = formats.full_date(verdict.until, language()) if verdict.until else ""
    if verdict.reason == Reason.PASSED:
        soon = verdict.is_soon(day)
        return ("warn" if soon else "good"), _("passed until %(day)s") % {"day": until}
    if verdict.reason == Reason.NOT_YET_REQUIRED:
        kind = "warn" if verdict.is_soon(day) else ""
        return kind, _("to be passed by %(day)s") % {"day": until}
    if verdict.reason == Reason.NOT_REQUIRED:
        return "", _("not required")
    if verdict.reason == Reason.EXPIRED:
        return "bad", _("ended on %(day)s") % {"day": until}
    return "bad", _("not passed") if verdict.reason == Reason.NOT_PASSED else pgettext("test", "not taken")


def topics_said(paper: list[dict[str, Any]]) -> str:
    """What most mistakes were about: «франшизу и осмотр»."""
    topics = topics_of(paper)[:3]
    if len(topics) < 2:
        return "".join(topics)
    return _("%(first)s and %(last)s") % {"first": ", ".join(topics[:-1]), "last": topics[-1]}


def strip_of(paper: list[dict[str, Any]]) -> list[bool]:
    """Right and wrong, question by question."""
    return [bool(one.get("is_right")) for one in paper]

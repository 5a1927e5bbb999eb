"""Which live topics a person may follow."""

import re
from pathlib import Path

from django.utils import timezone

import clientela
from clientela.config.live import OPEN_TOPICS, _allowed
from clientela.modules.chat.operations import rooms


def test_live_topics_are_given_to_who_may_hear_them(anna, lilia, boris, vera):
    now = timezone.now()
    direct = rooms.open_direct(actor=anna, now=now, person=lilia)
    about = rooms.open_record(actor=anna, now=now, record_type="client", record_id=vera.pk)
    asked = [
        "inbox", f"inbox:{anna.pk}", f"chat:{anna.pk}", f"alerts:{anna.pk}", f"room:{direct.pk}", f"room:{about.pk}",
        f"client:{vera.pk}", "room:x", "secret",
    ]  # fmt: skip
    assert _allowed(anna, asked) == [*asked[:4], f"client:{vera.pk}", f"room:{direct.pk}", f"room:{about.pk}"]
    assert _allowed(lilia, asked) == ["inbox", f"room:{direct.pk}"]
    assert _allowed(boris, asked) == ["inbox"]


def test_what_pages_follow_is_given_to_them():
    pages = Path(str(clientela.__file__)).parent.rglob("templates/**/*.html")
    followed = {
        topic
        for page in pages
        for topics in re.findall(r'data-live="([^"]*)"', page.read_text(encoding="utf-8"))
        for topic in re.sub(r"{[{%].*?[%}]}", "…", topics).split()
        if re.fullmatch(r"[a-z]+", topic)
    }
    assert {"inbox", "renewals"} <= followed
    assert not followed - OPEN_TOPICS

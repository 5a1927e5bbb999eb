"""How long ``Retry-After`` asks to wait."""

from datetime import timedelta

import pytest

from clientela.foundation.webhooks.sending import LONGEST_ASKED, asked_pause


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("", timedelta()),
        ("0", timedelta()),
        (" 90 ", timedelta(seconds=90)),
        ("86400", LONGEST_ASKED),
        ("86401", LONGEST_ASKED),
        ("9" * 5000, LONGEST_ASKED),
        ("-5", timedelta()),
        ("1.5", timedelta()),
        ("٣", timedelta()),
        ("Wed, 18 Nov 2026 07:43:30 GMT", timedelta(seconds=90)),
        ("Wednesday, 18-Nov-26 07:43:30 GMT", timedelta(seconds=90)),
        ("Wed Nov 18 07:43:30 2026", timedelta(seconds=90)),
        ("Wed, 18 Nov 2026 07:41:59 GMT", timedelta()),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_ASKED),
        ("Wed, 99 Nov 2026 07:43:30 GMT", timedelta()),
        ("tomorrow", timedelta()),
    ],
)
def test_what_the_header_asks_for(header, pause, now):
    assert asked_pause(header, now=now) == pause

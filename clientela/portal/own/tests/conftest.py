"""Вера at her own pages: signed in by the code that was sent to her phone."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client as Browser

from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contracts.models import Policy
from clientela.modules.quotes.tests.conftest import family, tariffs  # noqa: F401

PHONE = "+79170008055"


@pytest.fixture(autouse=True)
def clock(now: datetime, settings: Any) -> Iterator[Any]:
    """The day of the cast, which may be moved; limits begin anew; the code stands on the page."""
    cache.clear()
    settings.DEMO = True
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def vera_phone(vera: Client, now: datetime) -> str:
    """A phone of Вера that takes SMS."""
    ContactPoint.objects.filter(kind="phone", value=PHONE).delete()
    ContactPoint.objects.create(client=vera, kind="phone", value=PHONE, created_at=now)
    return PHONE


@pytest.fixture
def expiring(tariffs: None, family: Policy) -> Policy:  # noqa: F811
    """Her OSAGO, seventeen days before its end, with all that a price asks for."""
    return family


@pytest.fixture
def enter(vera: Client, vera_phone: str) -> Callable[..., Browser]:
    """``enter()`` is a browser in which Вера is signed in."""

    def come(phone: str = vera_phone, **told: str) -> Browser:
        browser = Browser()
        told = told or {"birth_date": f"{vera.birth_date:%d.%m.%Y}"}
        answer = browser.post("/my/enter/", {"phone": phone, **told})
        assert answer.status_code == 302, answer.content.decode()[-2000:]
        code = re.search(r'id="demo-code">(\d{6})<', browser.get("/my/code/").content.decode())
        assert code
        browser.post("/my/code/", {"code": code[1]})
        return browser

    return come

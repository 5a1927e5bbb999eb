from collections.abc import Callable, Iterator
from typing import Any

import caldav
import pytest
from django.test import Client as Browser
from django.utils import timezone

from clientela.modules.calendar.operations.settings import make_password

# Any test may come first, so every one of them counts from today.
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def secret(db: None) -> Callable[[Any], str]:
    """``secret(anna)``: a password of a program of hers."""
    return lambda person: make_password(actor=person, now=timezone.now(), name="Телефон")[1]


@pytest.fixture
def phone(live_server: Any, secret: Callable[[Any], str]) -> Iterator[Callable[[Any], caldav.Calendar]]:
    """``phone(anna)``: her calendar as a real CalDAV program finds it, knowing the host and the password only."""
    opened = []

    def sign_in(person: Any) -> caldav.Calendar:
        program = caldav.DAVClient(
            f"{live_server.url}/caldav/", username=person.email, password=secret(person)
        )
        opened.append(program)
        (calendar,) = program.principal().calendars()
        return calendar

    yield sign_in
    for program in opened:
        program.close()


@pytest.fixture
def dav(secret: Callable[[Any], str]) -> Callable[..., Any]:
    """``dav(anna, "PUT", path, body, **headers)``: one request of a program, without a server between."""
    from base64 import b64encode

    keys: dict[int, str] = {}

    def ask(person: Any, method: str, path: str, body: str | bytes = b"", **headers: str) -> Any:
        if person.pk not in keys:
            keys[person.pk] = b64encode(f"{person.email}:{secret(person)}".encode()).decode()
        return Browser().generic(
            method, path, body, content_type="application/xml",
            headers={"Authorization": f"Basic {keys[person.pk]}"} | headers,
        )  # fmt: skip

    return ask

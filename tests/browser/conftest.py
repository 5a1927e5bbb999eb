"""A Chromium for the run, and pages signed in as members of the cast."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from clientela.modules.accounts.models import User
from tests.browser.sale import sale
from tests.browser.shots import launch

__all__ = ["sale"]

# Playwright keeps an event loop in the thread of the tests; their own queries are still one at a time.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# A busy machine answers late; what is right once it comes is right.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, live_server: object, transactional_db: None) -> Iterator[Callable[..., Page]]:
    """``visit("/ui/", anna)``: a page of the running product, signed in; fails on any script error."""
    errors: list[str] = []
    # Without motion: a colour half-way to another is no finding, and nobody waits.
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900},
        locale="ru-RU",
        reduced_motion="reduce",
        service_workers="block",
    )

    def open_page(path: str, user: User | None = None) -> Page:
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": str(live_server)}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if _is_ours(message) else None)
        page.goto(f"{live_server}{path}")
        return page

    yield open_page
    context.close()
    assert not errors, errors


def _is_ours(message: object) -> bool:
    """An error of a script; an answer 4xx or 5xx, a network that is away and an overtaken request are logged too."""
    text = getattr(message, "text", "")
    expected = (
        "Failed to load resource",
        "Response Status Error",
        "htmx:afterRequest",
        "htmx:sendAbort",
        "htmx:sendError",
    )
    return getattr(message, "type", "") == "error" and not text.startswith(expected)

"""The product can be installed, and a lost connection shows a page of ours that keeps nobody's data and comes back."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client as Caller
from playwright.sync_api import Browser, BrowserContext, Page, expect

from clientela.modules.accounts.models import User
from tests.browser.shots import check_access, shoot

pytestmark = [pytest.mark.browser, pytest.mark.server]


class Wire:
    """A port of its own in front of the server, that can be cut and mended."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self.port = 0
        self.mend()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        self._door = socket.create_server(("127.0.0.1", self.port))
        self.port = self._door.getsockname()[1]
        self._cut = threading.Event()
        self._thread = threading.Thread(target=self._accept, args=(self._door, self._cut), daemon=True)
        self._thread.start()

    def cut(self) -> None:
        self._cut.set()
        self._thread.join()

    def _accept(self, door: socket.socket, cut: threading.Event) -> None:
        door.settimeout(0.05)
        threads = []
        while not cut.is_set():
            with suppress(TimeoutError):
                caller, _address = door.accept()
                threads.append(threading.Thread(target=self._carry, args=(caller, cut), daemon=True))
                threads[-1].start()
        door.close()
        for thread in threads:
            thread.join()

    def _carry(self, caller: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError), caller, socket.create_connection(self._target) as server:
            other = {caller: server, server: caller}
            while not cut.is_set():
                for end in select.select([caller, server], [], [], 0.05)[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    other[end].sendall(data)


@pytest.fixture
def wire(live_server: Any, transactional_db: None) -> Iterator[Wire]:
    made = Wire(live_server.url)
    yield made
    made.cut()


@pytest.fixture
def page(chromium: Browser, wire: Wire, anna: User) -> Iterator[Page]:
    """Anna's page behind the wire, with a worker that is ready."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, locale="ru-RU", reduced_motion="reduce"
    )
    caller = Caller()
    caller.force_login(anna)
    session = caller.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": wire.url}])
    opened = context.new_page()
    opened.goto(f"{wire.url}/clients/")
    opened.evaluate("navigator.serviceWorker.ready.then(() => true)")
    opened.wait_for_function("navigator.serviceWorker.controller !== null")
    yield opened
    context.close()


def kept(context: BrowserContext, page: Page) -> list[str]:
    """Paths of everything that the worker keeps."""
    return page.evaluate(
        """async () => {
          const paths = [];
          for (const name of await caches.keys())
            for (const request of await (await caches.open(name)).keys()) paths.push(new URL(request.url).pathname);
          return paths;
        }"""
    )


def test_the_manifest_is_good(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    found = session.send("Page.getAppManifest")
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]

    assert found["url"].endswith("/manifest.webmanifest")
    assert found["errors"] == []
    # A page of a test is private; nothing else stands in the way.
    assert {error["errorId"] for error in errors} <= {"in-incognito"}


def test_icons_are_what_the_manifest_says(page: Page) -> None:
    sizes = page.evaluate(
        """async () => {
          const body = await (await fetch("/manifest.webmanifest")).json();
          return Promise.all(body.icons.map(async (icon) => {
            const image = await createImageBitmap(await (await fetch(icon.src)).blob());
            return [icon.sizes, `${image.width}x${image.height}`, icon.purpose];
          }));
        }"""
    )

    assert sizes == [
        ["192x192", "192x192", "any"],
        ["512x512", "512x512", "any"],
        ["512x512", "512x512", "maskable"],
    ]


def test_a_lost_connection_shows_our_page_and_comes_back(page: Page, wire: Wire) -> None:
    expect(page).to_have_title("Клиенты — Clientela")
    wire.cut()

    page.goto(f"{wire.url}/clients/?q=1")

    expect(page.get_by_role("heading", name="Нет связи")).to_be_visible()
    assert page.url == f"{wire.url}/clients/?q=1"
    assert page.evaluate("getComputedStyle(document.querySelector('.btn')).borderRadius") == "8px"
    check_access(page)
    shoot(page, "offline")
    wire.mend()
    expect(page).to_have_title("Клиенты — Clientela", timeout=15_000)
    assert page.url == f"{wire.url}/clients/?q=1"


def test_nobodys_data_is_kept(page: Page, wire: Wire) -> None:
    for path in ("/", "/clients/", "/renewals/"):
        page.goto(f"{wire.url}{path}")

    paths = kept(page.context, page)

    assert "/offline/" in paths
    assert [path for path in paths if path != "/offline/" and not path.startswith("/static/ui/")] == []
    text = page.evaluate("fetch('/offline/').then((answer) => answer.text())")
    assert "Анна" not in text
    assert "Соколова" not in text


def test_the_clients_pages_are_not_installable(client: Caller, db: None) -> None:
    assert 'rel="manifest"' not in render_to_string("ui/portal_base.html")
    assert 'rel="manifest"' in client.get("/account/login/").content.decode()

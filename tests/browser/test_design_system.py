"""The design system in a real browser: looks, keys, focus, messages, accessibility, weight."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from playwright.sync_api import Page, Route, expect

from clientela.foundation.ui.middleware import policy
from clientela.modules.accounts.models import User
from tests.browser.shots import check_access, shoot

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]

NAV = [
    {
        "title": "",
        "items": [
            {
                "label": "Сегодня",
                "url": "/ui/?today",
                "icon": "sun-high",
                "count": 14,
                "hot": True,
                "go": "T",
            },
            {"label": "Входящие", "url": "/ui/?inbox", "icon": "inbox", "count": 7, "hot": True, "go": "I"},
        ],
    },
    {
        "title": "Клиенты и продажи",
        "items": [
            {"label": "Клиенты", "url": "/ui/?clients", "icon": "users", "current": True, "go": "C"},
            {
                "label": "Возобновления",
                "url": "/ui/?r",
                "icon": "refresh",
                "count": 1284,
                "short": "Продления",
            },
        ],
    },
]
DRAWER = """<section class="drawer" role="dialog" aria-labelledby="drawer-title"><div class="drawer-h">
<h2 id="drawer-title" tabindex="-1">{name}</h2><button type="button" data-close-drawer>Закрыть</button></div>
<a href="#last">Последнее</a></section>"""
FOUND = """<div role="group" aria-label="Клиенты"><div role="option" aria-selected="false" data-href="/ui/?first">Первый</div>
<div role="option" aria-selected="false" data-href="/ui/?second">Второй</div></div>"""


def sample_frame(request: Any) -> dict[str, Any]:
    person = {"name": "Анна Соколова", "role": "На линии · агент", "email": "a.sokolova@prichal.example"}
    return {"nav": NAV, "person": {**person, "online": True}, "bell": {"url": "/ui/?bell", "count": 3}}


@pytest.fixture
def gallery(visit: Visit, anna: User, monkeypatch: pytest.MonkeyPatch) -> Page:
    engine = engines["django"].engine  # type: ignore[attr-defined]
    processors = (*engine.template_context_processors, sample_frame)
    monkeypatch.setattr(engine, "template_context_processors", processors)
    return visit("/ui/", anna)


def answer(page: Page, path: str, body: str, status: int = 200, **headers: str) -> None:
    def fulfil(route: Route) -> None:
        route.fulfill(
            status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8", **headers}
        )

    page.route(path, fulfil)


def cursor(page: Page) -> str:
    return page.locator("tr.is-cursor [data-open]").inner_text()


def test_gallery_has_no_accessibility_violation(gallery: Page) -> None:
    shoot(gallery, "gallery")
    check_access(gallery)


def test_open_menu_palette_and_dialogs_are_accessible(gallery: Page) -> None:
    answer(gallery, "**/search/palette/**", FOUND)
    gallery.locator(".nav-who").click()
    shoot(gallery, "menu", widths=(1440,))
    check_access(gallery, widths=(1440,))
    gallery.keyboard.press("Escape")
    gallery.keyboard.press("Control+k")
    expect(gallery.locator("#palette-list [aria-selected=true]")).to_have_text("Первый")
    shoot(gallery, "palette")
    check_access(gallery)
    gallery.keyboard.press("Escape")
    gallery.keyboard.press("Shift+Slash")
    expect(gallery.locator("#keys")).to_be_visible()
    shoot(gallery, "keys")
    check_access(gallery)


def test_rows_answer_keys_by_position_in_any_layout(gallery: Page) -> None:
    gallery.keyboard.press("KeyJ")
    assert cursor(gallery) == "Зарипова Гузель Фаритовна"
    gallery.evaluate(
        "document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {code: 'KeyJ', key: 'о', bubbles: true}))"
    )
    assert cursor(gallery) == "Орлова Вера Николаевна"
    gallery.keyboard.press("KeyK")
    assert cursor(gallery) == "Зарипова Гузель Фаритовна"


def test_keys_are_silent_in_fields_and_when_switched_off(gallery: Page) -> None:
    gallery.locator("#id_surname").focus()
    gallery.keyboard.press("KeyJ")
    expect(gallery.locator("tr.is-cursor")).to_have_count(0)
    gallery.context.add_cookies([{"name": "keys", "value": "off", "url": gallery.url}])
    gallery.locator("#main").focus()
    gallery.keyboard.press("KeyJ")
    expect(gallery.locator("tr.is-cursor")).to_have_count(0)


def test_selection_by_keys_range_and_escape(gallery: Page) -> None:
    bar = gallery.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    for key in ("KeyJ", "KeyX", "KeyJ", "KeyJ", "Shift+KeyX"):
        gallery.keyboard.press(key)
    expect(bar).to_be_visible()
    expect(bar.locator("[data-bulk-count]")).to_have_text("3")
    expect(gallery.locator("tr[aria-selected=true]")).to_have_count(3)
    shoot(gallery, "bulk")
    check_access(gallery)
    gallery.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(gallery.locator("tr[aria-selected=true]")).to_have_count(0)


def test_go_keys_follow_the_navigation(gallery: Page) -> None:
    gallery.keyboard.press("KeyG")
    gallery.keyboard.press("KeyI")
    gallery.wait_for_url("**/ui/?inbox")


def test_palette_moves_and_opens(gallery: Page) -> None:
    answer(gallery, "**/search/palette/**", FOUND)
    gallery.keyboard.press("Control+k")
    box = gallery.locator("#palette-input")
    expect(box).to_be_focused()
    expect(gallery.locator("#palette-list [aria-selected=true]")).to_have_text("Первый")
    gallery.keyboard.press("ArrowDown")
    second = gallery.locator("#palette-list [aria-selected=true]")
    expect(second).to_have_text("Второй")
    expect(box).to_have_attribute("aria-activedescendant", second.get_attribute("id") or "-")
    gallery.keyboard.press("Enter")
    gallery.wait_for_url("**/ui/?second")


def test_drawer_takes_focus_loops_and_gives_it_back(gallery: Page) -> None:
    answer(gallery, "**/ui/peek/", DRAWER.format(name="Орлова"))
    gallery.evaluate(
        """() => { const link = document.createElement('a'); link.id = 'peek'; link.textContent = 'Peek';
        link.href = '/ui/peek/'; for (const [name, value] of [['hx-get', '/ui/peek/'], ['hx-target', '#drawer'],
        ['hx-push-url', 'true']]) link.setAttribute(name, value);
        document.querySelector('.phead').append(link); window.htmx.process(link); }"""
    )
    gallery.locator("#peek").click()
    gallery.wait_for_url("**/ui/peek/")
    expect(gallery.locator("#drawer-title")).to_be_focused()
    gallery.keyboard.press("Shift+Tab")
    expect(gallery.get_by_role("link", name="Последнее")).to_be_focused()
    gallery.keyboard.press("Tab")
    expect(gallery.get_by_role("button", name="Закрыть", exact=True).last).to_be_focused()
    gallery.keyboard.press("Escape")
    expect(gallery.locator("#drawer .drawer")).to_have_count(0)
    expect(gallery.locator("#peek")).to_be_focused()
    assert gallery.url.endswith("/ui/")


def test_confirmation_asks_with_the_safe_answer_in_hand(gallery: Page) -> None:
    sent: list[str] = []
    gallery.on("request", lambda request: sent.append(request.method))
    gallery.get_by_role("button", name="Take off").click()
    dialog = gallery.locator("#confirm")
    expect(dialog.locator("[data-title]")).to_have_text("Take 3 clients off the plan?")
    expect(dialog.locator("[data-refuse]")).to_be_focused()
    shoot(gallery, "confirm")
    check_access(gallery)
    gallery.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert "POST" not in sent


def test_server_messages_become_toasts_with_undo(gallery: Page) -> None:
    gallery.route("**/undo/", lambda route: route.fulfill(status=204))
    gallery.evaluate(
        "document.body.dispatchEvent(new CustomEvent('toast', {detail: "
        "{text: 'Передано: 3 клиента', kind: 'good', undo_url: '/undo/'}}))"
    )
    toast = gallery.locator("#toasts .toast")
    expect(toast).to_contain_text("Передано: 3 клиента")
    toast.hover()
    shoot(gallery, "toast", widths=(1440,))
    with gallery.expect_request("**/undo/") as undone:
        toast.get_by_role("button", name="Вернуть").click()
    expect(toast).to_have_count(0)
    assert undone.value.method == "POST"


def test_theme_is_kept_for_the_next_page(gallery: Page) -> None:
    gallery.locator(".nav-who").click()
    gallery.locator("#person-menu [data-set-theme=dark]").click()
    expect(gallery.locator("html")).to_have_attribute("data-theme", "dark")
    gallery.reload()
    expect(gallery.locator("html")).to_have_attribute("data-theme-choice", "dark")


def test_a_change_of_theme_passes_through_no_other_colours(gallery: Page) -> None:
    gallery.emulate_media(reduced_motion="no-preference", color_scheme="light")
    grounds = gallery.evaluate(
        """async () => {
            const ground = () => getComputedStyle(document.querySelector("#main .btn:not([class*=btn-])")).backgroundColor;
            const light = ground();
            document.querySelector("[data-set-theme=dark]").click();
            const atOnce = ground();
            await new Promise(done => setTimeout(done, 300));
            return [light, atOnce, ground()];
        }"""
    )
    assert grounds[0] == "rgb(255, 255, 255)"
    assert grounds[1] == grounds[2] == "rgb(15, 28, 35)"
    expect(gallery.locator("html")).not_to_have_class(re.compile("is-still"))


def test_without_a_choice_the_theme_is_the_systems(gallery: Page) -> None:
    gallery.emulate_media(color_scheme="dark")
    gallery.reload()
    expect(gallery.locator("html")).to_have_attribute("data-theme", "dark")
    gallery.emulate_media(color_scheme="light")
    expect(gallery.locator("html")).to_have_attribute("data-theme", "light")


def test_the_phone_reaches_every_section_and_the_persons_menu(gallery: Page) -> None:
    gallery.set_viewport_size({"width": 390, "height": 844})
    gallery.locator(".dock").get_by_role("button", name="Ещё").click()
    more = gallery.locator("#more")
    expect(more.get_by_role("link", name="Возобновления")).to_be_visible()
    expect(more.get_by_role("button", name="Выйти")).to_be_visible()
    shoot(gallery, "more", widths=(390,))
    check_access(gallery, widths=(390,))


def test_nothing_scrolls_sideways_on_a_phone(gallery: Page) -> None:
    for width in (360, 390, 834):
        gallery.set_viewport_size({"width": width, "height": 800})
        wide = gallery.evaluate(
            "[document.documentElement, document.querySelector('#main'), document.querySelector('#list')]"
            ".map(pane => pane.scrollWidth - pane.clientWidth)"
        )
        assert wide == [0, 0, 0], width


def test_a_signal_refetches_what_listens_to_its_topic(gallery: Page) -> None:
    # A stream that stays open and says one word: a stub's answer ends, and a lost line refetches everything.
    gallery.add_init_script(
        """window.EventSource = class { static CLOSED = 2; readyState = 1; close() {}
        constructor() { setTimeout(() => { this.onopen?.(); this.onmessage?.({ data: 'renewals' }); }, 50); } }"""
    )
    gallery.reload()
    answer(gallery, "**/ui/fresh/", "41")
    gallery.evaluate(
        """() => { document.head.insertAdjacentHTML('beforeend', '<meta name="live-url" content="/live/">');
        const place = document.querySelector('.phead'); place.insertAdjacentHTML('beforeend',
        '<b id="fresh" data-live="renewals" hx-get="/ui/fresh/" hx-trigger="live">40</b>' +
        '<b id="stale" data-live="client:12" hx-get="/ui/fresh/" hx-trigger="live">40</b>');
        window.htmx.process(place); window.htmx.trigger(document.body, 'htmx:afterSettle', {target: place}); }"""
    )
    expect(gallery.locator("#fresh")).to_have_text("41")
    expect(gallery.locator("#stale")).to_have_text("40")


def test_a_refused_form_keeps_what_was_typed_and_a_failure_is_told(gallery: Page) -> None:
    answer(gallery, "**/ui/refused/", '<p data-focus-first tabindex="-1">Mend it</p>', status=422)
    answer(gallery, "**/ui/broken/", "<h1>trace</h1>", status=500)
    gallery.evaluate(
        """() => { const place = document.querySelector('.phead'); place.insertAdjacentHTML('beforeend',
        '<button id="refused" hx-post="/ui/refused/" hx-target="#answer">1</button><p id="answer"></p>' +
        '<button id="broken" hx-post="/ui/broken/" hx-target="#answer">2</button>');
        window.htmx.process(place); }"""
    )
    gallery.locator("#refused").click()
    expect(gallery.locator(".phead [data-focus-first]")).to_be_focused()
    gallery.locator("#broken").click()
    expect(gallery.locator("#toasts .toast")).to_contain_text("Не получилось, ничего не сохранено")
    expect(gallery.locator("#answer")).to_contain_text("Mend it")


def test_the_content_policy_stops_nothing_of_ours(gallery: Page) -> None:
    def with_policy(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": policy()})

    answer(gallery, "**/search/palette/**", FOUND)
    gallery.route("**/ui/", with_policy)
    gallery.reload()
    expect(gallery.locator(".trk-now").first).to_have_css("position", "absolute")
    assert gallery.locator(".trk-gone").first.evaluate("bar => bar.style.width") == "97.78%"
    gallery.evaluate(
        "document.querySelector('#main').insertAdjacentHTML('beforeend', '<p id=a x-data=\"{n: 41}\" x-text=\"n + 1\"></p>');"
        "document.dispatchEvent(new CustomEvent('htmx:afterSettle', {detail: {target: document.body}}))"
    )
    expect(gallery.locator("#a")).to_have_text("42")
    gallery.locator(".nav-who").click()
    expect(gallery.locator("#person-menu")).to_be_visible()
    gallery.keyboard.press("Escape")
    gallery.keyboard.press("Control+k")
    expect(gallery.locator("#palette-list [aria-selected=true]")).to_have_text("Первый")


def test_the_page_is_light(gallery: Page) -> None:
    """README of the design: CSS at most 40 KB compressed, a page at most 150 KB."""

    def packed(name: str) -> int:
        path = finders.find(f"ui/{name}")
        assert isinstance(path, str)
        with open(path, "rb") as file:
            return len(file.read() if name.endswith("woff2") else gzip.compress(file.read(), 9))

    assert packed("app.css") <= 40_000
    fonts = sum(packed(f"onest-{part}-wght-normal.woff2") for part in ("latin", "latin-ext", "cyrillic"))
    page = len(gzip.compress(gallery.content().encode()))
    weight = page + fonts + sum(packed(name) for name in ("app.css", "app.js", "theme.js", "sprite.svg"))
    assert weight <= 150_000, weight
    assert settings.STATIC_URL == "/static/"

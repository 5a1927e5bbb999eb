"""Look at a page as people do: pictures in both sizes and themes, and the accessibility check."""

import os
from collections.abc import Iterable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

CHROMIUM = os.environ.get("CLIENTELA_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = Path(__file__).parents[2] / "var" / "shots"
SIZES = {1440: 900, 390: 844}
THEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def launch(playwright: Playwright) -> Browser:
    """The machine's own Chromium, with nothing that calls home."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


def set_theme(page: Page, theme: str) -> None:
    """Show the open page in ``theme`` without touching the person's choice."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.wait_for_timeout(300)


def shoot(
    page: Page,
    name: str,
    widths: Iterable[int] = tuple(SIZES),
    themes: Iterable[str] = THEMES,
    full: bool = False,
) -> list[Path]:
    """Save ``var/shots/NAME-WIDTH-THEME.png`` for each size and theme; ``full`` takes the whole height."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    taken = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": SIZES.get(width, 900)})
        for theme in themes:
            set_theme(page, theme)
            path = SHOTS / f"{name}-{width}-{theme}.png"
            page.screenshot(path=path, full_page=full)
            taken.append(path)
    if before:
        page.set_viewport_size(before)
    set_theme(page, "light")
    return taken


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands: rule, element and why, one line each."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}".replace("\n", " ")
        for rule in found
        for node in rule["nodes"]
    ]


def check_access(page: Page, widths: Iterable[int] = tuple(SIZES), themes: Iterable[str] = THEMES) -> None:
    """No accessibility violation in any size and theme; raises ``AssertionError`` with the list."""
    before = page.viewport_size
    for width in widths:
        page.set_viewport_size({"width": width, "height": SIZES.get(width, 900)})
        for theme in themes:
            set_theme(page, theme)
            found = violations(page)
            assert not found, f"{page.url} at {width} px, {theme}:\n" + "\n".join(found)
    if before:
        page.set_viewport_size(before)
    set_theme(page, "light")

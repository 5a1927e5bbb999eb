"""Look at a page as people do: the accessibility check in both sizes and themes, and pictures when asked for.

``CLIENTELA_SHOTS=1`` keeps the pictures in ``var/shots``; without it ``shoot`` does nothing.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")  # those tests/servers/install.sh is content with
CHROMIUM = os.environ.get("CLIENTELA_CHROMIUM") or next(filter(None, map(which, NAMES)), NAMES[0])
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
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# The dark theme changes colours and nothing else.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
SCRIPT = Axe().axe_script


def launch(playwright: Playwright) -> Browser:
    """The machine's own Chromium, with nothing that calls home."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


def set_theme(page: Page, theme: str) -> None:
    """Show the open page in ``theme`` without touching the person's choice."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


def in_every_look(page: Page, widths: Iterable[int], themes: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The open page in each size and theme in turn; afterwards as it was, in the light theme."""
    before = page.viewport_size
    for width in widths:
        page.set_viewport_size({"width": width, "height": SIZES.get(width, 900)})
        for theme in themes:
            set_theme(page, theme)
            yield width, theme
    if before:
        page.set_viewport_size(before)
    set_theme(page, "light")


def shoot(
    page: Page,
    name: str,
    widths: Iterable[int] = tuple(SIZES),
    themes: Iterable[str] = THEMES,
    full: bool = False,
) -> None:
    """Save ``var/shots/NAME-WIDTH-THEME.png`` for each size and theme; ``full`` takes the whole height."""
    if not os.environ.get("CLIENTELA_SHOTS"):
        return
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, theme in in_every_look(page, widths, themes):
        page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=full)


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe finds on the page as it stands: rule, element and why, one line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    found = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}".replace("\n", " ")
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def check_access(page: Page, widths: Iterable[int] = tuple(SIZES), themes: Iterable[str] = THEMES) -> None:
    """No accessibility violation in any size and theme; raises ``AssertionError`` with the list."""
    for width, theme in in_every_look(page, widths, themes):
        found = violations(page, COLOURS if theme == "dark" else RULES)
        assert not found, f"{page.url} at {width} px, {theme}:\n" + "\n".join(found)

"""What is asked of every screen: both sizes and themes, without a violation, a sideways scroll or English."""

import re
from typing import Any

from playwright.sync_api import Page

from tests.browser.shots import COLOURS, RULES, SIZES, THEMES, in_every_look, shoot, violations

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What is taller than the box that should hold it lies over its neighbour; and a pane must leave room to read.
SPILLS = """() => [...document.querySelectorAll('#main :is(section, aside, header, li, tr, td, form, .scroll)')]
  .filter(box => box.clientHeight && !box.closest('.sr, [aria-hidden=true]'))
  .filter(box => { const over = box.scrollHeight - box.clientHeight, style = getComputedStyle(box);
    return style.display !== 'inline' && over > 8 && (style.overflowY === 'visible' || box.clientHeight < 120) })
  .map(box => `${box.localName}.${box.className}: ${box.clientHeight} of ${box.scrollHeight} px`).slice(0, 3)"""
# Two words of English in a row; names of things ("Hyundai Creta") start with capitals.
ENGLISH = re.compile(r"(?<![\w@./-])[A-Za-z][a-z]+ [a-z]{3,}(?![\w@.])")


def english(page: Page) -> list[str]:
    """English among the words of the page; a line of a program, or what says that it is English, is none."""
    text = page.locator("body").inner_text()
    for program in page.locator("code, pre, main [lang=en]").all_inner_texts():
        text = text.replace(program, "")
    return ENGLISH.findall(text)


def look(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it stands, one line each."""
    page.wait_for_load_state("networkidle")
    found = [f"English: {words}" for words in english(page)]
    for width, theme in in_every_look(page, SIZES, THEMES):
        found += violations(page, COLOURS if theme == "dark" else RULES)
        if wide := page.evaluate(SIDEWAYS):
            found.append(f"{wide} px too wide at {width} px, {theme}")
        if theme == "light":
            found += [f"spills at {width} px: {box}" for box in page.evaluate(SPILLS)]
    shoot(page, name)
    return [f"{name}: {line}" for line in found]


def walk(page: Page, screens: dict[str, str], records: dict[str, Any]) -> None:
    """Open each of ``screens`` in turn and look at it; ``records`` fill the addresses. Tells all that is wrong."""
    base, found = page.url.split("/health/")[0], []
    for name, path in screens.items():
        answer = page.goto(base + path.format(**records))
        if answer is None or answer.status != 200:
            found.append(f"{name}: {path} answers {answer and answer.status}")
            continue
        found += look(page, name)
    assert not found, "\n".join(found)

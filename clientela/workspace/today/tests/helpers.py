"""What the tests of the day share."""

import re

HX = {"HX-Request": "true", "HX-Target": "today"}
PAST_THE_DOOR = 16  # session, person, place of work, calls, and what the navigation counts once a minute


def plain(response) -> str:
    """The words of an answer with ordinary spaces."""
    html = response.content.decode().replace("\u00a0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def tasks(response) -> list[str]:
    """Kind and client of every row, in order."""
    return re.findall(
        r'data-row id="task-([\w-]+)-\d+".*?data-open data-peek>(\S+?)[ <]', response.content.decode(), re.S
    )

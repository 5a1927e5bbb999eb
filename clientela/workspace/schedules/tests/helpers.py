"""What the tests of the editor share."""

import re

from clientela.modules.renewals.models import Step

HX = {"HX-Request": "true"}
PAST_THE_DOOR = 15  # session, person, place of work, calls, and what the navigation counts once a minute


def plain(response) -> str:
    """The words of an answer with ordinary spaces."""
    html = response.content.decode().replace("\u00a0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def form_of(step: Step, **changes) -> dict:
    data = {
        "lang": "ru",
        "name": step.name,
        "day": step.day,
        "at_time": f"{step.at_time:%H:%M}",
        "text": step.text,
    }
    if step.until_day is not None:
        data["until_day"] = step.until_day
    if step.subject:
        data["subject"] = step.subject
    for condition in step.conditions:
        data[f"has.{condition['code']}"] = "1"
        if "value" in condition:
            data[f"value.{condition['code']}"] = condition["value"]
    return data | changes


def state_of(version) -> list:
    return list(version.steps.order_by("key").values())

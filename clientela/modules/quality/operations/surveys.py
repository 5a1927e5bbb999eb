"""The surveys themselves."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.contacts.rules.texts import TextError, render, variables_in
from clientela.modules.quality.models import Survey
from clientela.modules.robot.operations.shipped import load_shipped as load_dialogues

SHIPPED = Path(__file__).parent.parent / "shipped.json"
VARIABLES = ("greeting", "about", "company", "link")
DIALOGUES = SHIPPED.parent / "dialogues"
CHANNELS = ("sms", "email", "telegram", "vk", "robot")
MOST_HOURS, MOST_DAYS = 720, 730


class InvalidSurvey(Refusal):
    """The survey could not be asked like that; ``field`` says where."""

    def __init__(self, message: Any, field: str) -> None:
        super().__init__(str(message))
        self.message, self.field = message, field


@transaction.atomic
def edit_survey(
    *, actor: Any, now: datetime, survey: Survey, name: str, question: str, invitation: str, subject: str,
    channels: Sequence[str], delay_hours: int, rest_days: int, is_active: bool,
) -> Survey:  # fmt: skip
    """Change how a survey asks; what was asked already stays as it was. Raises `InvalidSurvey`, ``PermissionDenied``."""
    ensure(actor, Permission.SURVEYS_WRITE)
    row = Survey.objects.select_for_update().get(pk=survey.pk)
    after = {
        "name": name.strip(), "question": question.strip(), "invitation": invitation.strip(),
        "subject": subject.strip(), "channels": list(dict.fromkeys(channels)), "delay_hours": delay_hours,
        "rest_days": rest_days, "is_active": is_active,
    }  # fmt: skip
    _check(after)
    changes = {key: [getattr(row, key), value] for key, value in after.items() if getattr(row, key) != value}
    if not changes:
        return row
    for key, value in after.items():
        setattr(row, key, value)
    row.updated_at = now
    row.save()
    record(actor=actor, now=now, action="survey.edited", obj=row, changes=changes)
    return row


def _check(values: dict[str, Any]) -> None:
    for field in ("name", "question"):
        if not values[field]:
            raise InvalidSurvey(_("Say something here."), field)
    try:
        render(values["invitation"], dict.fromkeys(VARIABLES, ""))
    except TextError as error:
        raise InvalidSurvey(str(error), "invitation") from None
    if "link" not in variables_in(values["invitation"]):
        raise InvalidSurvey(_("The message needs {link}: the client answers there."), "invitation")
    if not values["channels"] or not set(values["channels"]) <= set(CHANNELS):
        raise InvalidSurvey(_("Choose at least one channel."), "channels")
    if "email" in values["channels"] and not values["subject"]:
        raise InvalidSurvey(_("An e-mail needs a subject."), "subject")
    for field, most in (("delay_hours", MOST_HOURS), ("rest_days", MOST_DAYS)):
        if not 0 <= values[field] <= most:
            raise InvalidSurvey(_("A number from 0 to %(most)s.") % {"most": most}, field)


def load_shipped(*, now: datetime) -> int:
    """Add the shipped surveys that are missing, and the dialogues in which the robot asks them; one that is there stays as people made it. Returns how many came."""
    made = 0
    for values in json.loads(SHIPPED.read_text(encoding="utf-8")):
        _survey, is_new = Survey.objects.get_or_create(
            code=values["code"], defaults=values | {"updated_at": now}
        )
        made += is_new
    load_dialogues(now=now, active_from=local_today(settings.TIME_ZONE, now), folder=DIALOGUES)
    return made

"""What an end of a dialogue does, in the transaction in which it is reached."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from clientela.modules.clients.operations.contact_points import update_contact_point
from clientela.modules.contacts.operations import queue_message, withdraw_consent
from clientela.modules.robot.models import Attempt, RobotCall
from clientela.modules.robot.rules.dialogue import Act, Node
from clientela.modules.robot.rules.speech import fill

ORIGIN = "robot.attempt"


def perform_act(call: RobotCall, attempt: Attempt, act: str, node: Node, *, now: datetime) -> None:
    """Do what the client asked for, as the system: a call of the robot has no person behind it."""
    match act:
        case Act.STOP:
            withdraw_consent(
                actor=None, now=now, client=call.client, purpose=None, channel="call", via="robot call"
            )
        case Act.WRONG_NUMBER:
            point = call.contact_point
            if point is not None:
                update_contact_point(actor=None, now=now, contact_point=point, do_not_use=True)
        case Act.SMS | Act.OFFER:
            channel = node.channel or "sms"
            point = call.contact_point if channel == "sms" else None
            with override(call.client.language):
                subject = _("As we agreed by telephone") if channel == "email" else ""
            queue_message(
                actor=None, now=now, client=call.client, channel=channel, text=fill(node.message, call.values),
                subject=subject, contact_point=point, origin=ORIGIN, origin_id=attempt.pk,
            )  # fmt: skip

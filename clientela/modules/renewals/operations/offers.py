"""Sending the prepared next term to the client."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.modules.accounts.rules import Permission
from clientela.modules.contacts.models import WRITTEN, Message
from clientela.modules.contacts.operations.queueing import queue_message
from clientela.modules.contracts.models import Project
from clientela.modules.contracts.operations import mark_offered
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.terms import OPEN_PROJECT
from clientela.modules.renewals.queries.texts import variables


class NoProject(ValueError):
    """There is nothing to offer yet."""

    def __init__(self) -> None:
        super().__init__(str(_("Prepare a project first.")))


class BadChannel(ValueError):
    """An offer is written: by SMS, letter or messenger."""

    def __init__(self) -> None:
        super().__init__(str(_("Choose SMS, e-mail, VK or Telegram.")))


@transaction.atomic
def send_offer(*, actor: Any, now: datetime, renewal: Renewal, channel: str) -> Message:
    """Send the project with its pay link; the communication policy has the last word and its verdict is stored.

    The pay page keeps the agent on the contract and shows the agent's name, so it is no direct-sales link.
    """
    if not actor.can(Permission.CONTRACTS_WRITE):
        raise PermissionDenied
    if channel not in WRITTEN:
        raise BadChannel
    term = (
        Renewal.objects.visible_to(actor)
        .select_related("client", "agent", "centre", "product", "policy__insured_object")
        .filter(pk=renewal.pk)
        .first()
    )
    if term is None:
        raise PermissionDenied
    project = Project.objects.filter(policy_id=term.policy_id, state__in=OPEN_PROJECT).first()
    if project is None:
        raise NoProject
    subject, text = _words(term, project)
    message = queue_message(
        now=now, actor=actor, client=term.client, channel=channel, subject=subject, text=text,
        origin="renewals.offer",
    )  # fmt: skip
    if message.state != Message.State.DROPPED:
        mark_offered(actor=actor, now=now, project=project)
    record(
        actor=actor, now=now, action="renewal.offer", obj=term, object_name=term.policy.number,
        changes={"channel": [None, channel], "message": [None, message.state]},
    )  # fmt: skip
    return message


def _words(term: Renewal, project: Project) -> tuple[str, str]:
    from clientela.foundation.ui.formats import money

    with override(term.client.language):
        values = variables(term, language=term.client.language) | {
            "price": money(project.premium, term.client.language),
            "link": f"{settings.PUBLIC_URL}/pay/{project.pay_token}/",
        }
        subject = gettext("Your next %(product)s policy is ready") % values
        text = gettext(
            "%(greeting)s, your next %(product)s policy is ready: %(price)s a year. Renew and pay: %(link)s "
            "Your agent %(agent_name)s, %(agent_phone)s."
        )
        return subject, text % values

"""Ready words for an answer: approved templates filled for the client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Conversation, Message, Purpose, Template
from clientela.modules.contacts.operations.public import NothingPublic, answer_in_public
from clientela.modules.contacts.queries.conversations import last_public
from clientela.modules.contacts.rules import TextError, render
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.queries.texts import variables
from clientela.workspace.today import letters
from clientela.workspace.today.queries.queue import RELATED

MOST = 12


@dataclass(frozen=True)
class Ready:
    """A template's name, the channel it is written for, and its words for this client."""

    name: str
    channel: str
    text: str


def ways_of(talk: Conversation, *, text: str, now: datetime, asked: Message | None) -> list[letters.Way]:
    """How the conversation may be answered: the client's channels, and in public where somebody wrote so."""
    ways = []
    if talk.client is not None:
        since = asked.created_at if asked else None
        purpose = letters.purpose_of("")
        ways = letters.ways(talk.client, purpose=purpose, text=text, now=now, replies_to=since)
    public = last_public(talk)
    if public is not None:
        icon, name = CHANNELS[public.channel]
        ways.append(
            letters.Way(public.channel, str(name), icon, "go", _("Everybody will see the answer"), "")
        )
    return ways


def in_public(*, actor: Any, now: datetime, talk: Conversation, text: str) -> Message:
    """Answer the last thing that was written in public. Raises ``NothingPublic``, ``NotForEverybody``."""
    asked = last_public(talk)
    if asked is None:
        raise NothingPublic
    return answer_in_public(actor=actor, now=now, conversation=talk, text=text, answers=asked)


def ready_answers(client: Client, channels: Sequence[str], *, today: date) -> list[Ready]:
    """Templates about own contracts that can be filled for the client: by the nearest open term if there is one.

    In the client's language; in Russian where there are no such words. What people use most stands first.
    """
    rows = Template.objects.filter(
        state=Template.State.APPROVED,
        purpose=Purpose.SERVICE,
        channel__in=channels,
        language__in={client.language, "ru"},
    ).order_by("-used", "name", "channel")
    best: dict[tuple[str, str], Template] = {}
    for template in rows:
        key = (template.code, template.channel)
        if key not in best or template.language == client.language:
            best[key] = template
    values = {
        language: values_for(client, language, today=today)
        for language in {t.language for t in best.values()}
    }
    found = []
    for template in list(best.values())[:MOST]:
        try:
            found.append(
                Ready(template.name, template.channel, render(template.body, values[template.language]))
            )
        except TextError:
            continue
    return found


def values_for(client: Client, language: str, *, today: date) -> dict[str, str]:
    """What the variables are: of the client's nearest open term, where there is one."""
    term = (
        Renewal.objects.filter(client=client, end_date__gte=today)
        .exclude(state__in=[Renewal.State.PAID, Renewal.State.LOST])
        .select_related(*RELATED)
        .order_by("end_date", "id")
        .first()
    )
    values = {"company": settings.COMPANY_NAME, "short_number": settings.SHORT_NUMBER}
    values |= {"greeting": client.greeting, "client_name": client.name}
    return values | variables(term, language=language) if term is not None else values

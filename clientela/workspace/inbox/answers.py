"""Ready words for an answer: approved templates filled for the client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Purpose, Template
from clientela.modules.contacts.rules import TextError, render
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.queries.texts import variables
from clientela.workspace.today.queries.queue import RELATED

MOST = 12


@dataclass(frozen=True)
class Ready:
    """A template's name, the channel it is written for, and its words for this client."""

    name: str
    channel: str
    text: str


def ready_answers(client: Client, channels: Sequence[str], *, today: date) -> list[Ready]:
    """Templates about own contracts that can be filled for the client: by the nearest open term if there is one."""
    rows = Template.objects.filter(
        state=Template.State.APPROVED, purpose=Purpose.SERVICE, channel__in=channels, language=client.language
    ).order_by("name", "channel")[:MOST]
    templates = list(rows)
    if not templates:
        return []
    term = (
        Renewal.objects.filter(client=client, end_date__gte=today)
        .exclude(state__in=[Renewal.State.PAID, Renewal.State.LOST])
        .select_related(*RELATED)
        .order_by("end_date", "id")
        .first()
    )
    values = {"company": settings.COMPANY_NAME, "short_number": settings.SHORT_NUMBER}
    values |= {"greeting": client.greeting, "client_name": client.name}
    if term is not None:
        values |= variables(term, language=client.language)
    found = []
    for template in templates:
        try:
            found.append(Ready(template.name, template.channel, render(template.body, values)))
        except TextError:
            continue
    return found

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

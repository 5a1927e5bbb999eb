"""Templates for lists, and their texts on a real client."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from clientela.foundation.phones import format_phone
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Template
from clientela.modules.contacts.queries.facts import Ask, assess_all
from clientela.modules.contacts.rules import SAMPLE_VALUES, SmsSize, TextError, Verdict, render, sms_size
from clientela.modules.organisation.queries import phones_shown

State = Template.State


def templates(state: str = "") -> "QuerySet[Template]":
    """Drafts and approved ones, or those of one state, with the people behind them."""
    rows = Template.objects.select_related("author", "approved_by")
    return rows.filter(state=state) if state else rows.exclude(state=State.RETIRED)


def counts() -> dict[str, int]:
    """How many templates there are in each state. One statement."""
    states = list(Template.objects.order_by().values_list("state", flat=True))
    return {state: states.count(state) for state in State.values}


def approved(code: str, channel: str, language: str = "ru") -> Template | None:
    """The words in force, in the client's language or in Russian."""
    rows = {
        row.language: row
        for row in Template.objects.filter(
            code=code, channel=channel, language__in={language, "ru"}, state=State.APPROVED
        )
    }
    return rows.get(language) or rows.get("ru")


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as a client would get it; ``error`` says why it becomes nothing."""

    client: Client | None
    subject: str = ""
    text: str = ""
    error: str = ""
    size: SmsSize | None = None
    verdict: Verdict | None = None


def sample_client(user: Any, client_id: int | None = None) -> Client | None:
    """A visible client to show a text on: the asked one, else the first with an agent."""
    rows = Client.objects.visible_to(user).select_related("agent", "centre")
    if client_id:
        found = rows.filter(pk=client_id).first()
        if found is not None:
            return found
    return rows.filter(agent__isnull=False).order_by("id").first() or rows.order_by("id").first()


def next_client(user: Any, after_id: int) -> Client | None:
    """The visible client after this one, so that a person can look at several."""
    rows = Client.objects.visible_to(user).select_related("agent", "centre").order_by("id")
    return rows.filter(id__gt=after_id).first() or rows.first()


def values_for(client: Client | None) -> dict[str, str]:
    """What the variables are for ``client``; what belongs to a contract is shown by sample values."""
    values = SAMPLE_VALUES | {"company": settings.COMPANY_NAME, "short_number": settings.SHORT_NUMBER}
    values["pay_link"] = f"{settings.PUBLIC_URL.rstrip('/')}/pay/k3J9x0Qm2aVt7LsR/"
    if client is None:
        return values
    values |= {"greeting": client.greeting, "client_name": client.name}
    if client.agent is not None:
        phone = phones_shown(timezone.now()).get(client.agent.pk) or client.agent.phone
        values |= {"agent_name": str(client.agent), "agent_phone": format_phone(phone)}
    if client.centre is not None:
        values["centre_phone"] = format_phone(client.centre.phone)
    return values


def preview(
    *, client: Client | None, channel: str, purpose: str, subject: str, body: str, now: Any
) -> Preview:
    """The text with its size and the policy's verdict if it were sent to ``client`` now."""
    values = values_for(client)
    try:
        text = render(body, values)
        title = render(subject, values) if channel in ("email", "letter") else ""
    except TextError as error:
        return Preview(client, error=str(error))
    verdict = None
    if client is not None and text.strip():
        ask = Ask(client_id=client.pk, channel=channel, purpose=purpose, text=text, subject=title)
        verdict = assess_all([ask], now=now)[0].verdict
    return Preview(client, title, text, size=sms_size(text) if channel == "sms" else None, verdict=verdict)

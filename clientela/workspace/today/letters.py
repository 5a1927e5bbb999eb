"""What one writes to a client from the day's page: the words to begin with, and what the policy says to each channel."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import ANSWERED, Channel, Message, Purpose
from clientela.modules.contacts.queries.facts import KINDS, Ask, assess_all, can_be_written
from clientela.modules.contacts.rules import Verdict, describe, headline
from clientela.modules.contracts.models import Project
from clientela.modules.organisation.queries import phones_shown
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.queries.texts import variables

# A message about an own contract goes by the consent for service; a greeting and an offer are advertising.
PURPOSES = {
    "payment": Purpose.SERVICE, "mortgage": Purpose.SERVICE, "claim": Purpose.SERVICE, "birthday": Purpose.ADVERTISING, "car": Purpose.ADVERTISING,
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """A channel with a contact of the client, and the policy's answer to a message by it now."""

    channel: str
    name: str
    icon: str
    kind: str
    word: str
    text: str


def ways(
    client: Client, *, purpose: str, text: str, now: datetime, replies_to: datetime | None = None
) -> list[Way]:
    """Channels by which the client may be written to, with the verdict on each; channels that go stand first."""
    known = list(ContactPoint.objects.filter(client=client).values_list("kind", "value"))
    fit = [channel for channel in ANSWERED if channel != Channel.WEBCHAT or replies_to is not None]
    channels = [
        channel
        for channel in fit
        if any(kind == KINDS[channel] and can_be_written(channel, value) for kind, value in known)
    ]
    asks = [
        Ask(client.pk, channel, purpose, text=text or "-", subject="-", replies_to=replies_to)
        for channel in channels
    ]
    found = [
        _way(channel, answer.verdict)
        for channel, answer in zip(channels, assess_all(asks, now=now), strict=True)
    ]
    return sorted(found, key=lambda way: ("go", "wait", "no").index(way.kind))


def _way(channel: str, verdict: Verdict) -> Way:
    failed = next((check for check in verdict.checks if not check.passed), None)
    return Way(
        channel=channel,
        name=str(CHANNELS[channel][1]),
        icon=CHANNELS[channel][0],
        kind={"send": "go", "wait": "wait", "drop": "no"}[verdict.decision],
        word=str(headline(verdict)),
        text=str(describe(failed)) if failed else "",
    )


def draft(about: str, client: Client, term: Renewal | None) -> tuple[str, str]:
    """Subject and text to begin with, in the client's language; empty for an ordinary message."""
    with override(client.language):
        values = _values(client, term)
        match about:
            case "payment" if term is not None:
                text = _(
                    "%(greeting)s, your %(product)s policy ends on %(end_date)s. The price for the next year is "
                    "%(price)s. %(link)sYour agent %(agent_name)s, %(agent_phone)s."
                )
                return _("Your %(product)s policy ends on %(end_date)s") % values, text % values
            case "mortgage" if term is not None:
                text = _(
                    "%(greeting)s, your mortgage policy ends on %(end_date)s. Send me the balance of the loan and I "
                    "will calculate the next year. Your agent %(agent_name)s, %(agent_phone)s."
                )
                return _("Your mortgage policy ends on %(end_date)s") % values, text % values
            case "claim":
                text = _(
                    "%(greeting)s, your claim is paid. Did everything go well, is there anything I can help with? "
                    "Your agent %(agent_name)s, %(agent_phone)s."
                )
                return _("Your claim is paid") % values, text % values
            case "birthday":
                text = _(
                    "%(greeting)s, happy birthday! Good health and easy roads. Your agent %(agent_name)s."
                )
                return _("Happy birthday") % values, text % values
            case "car":
                text = _(
                    "%(greeting)s, your car is three years old and the maker's guarantee ends. I can calculate KASKO "
                    "with repairs that fit. Your agent %(agent_name)s, %(agent_phone)s."
                )
                return _("Your car is three years old") % values, text % values
    return "", ""


def _values(client: Client, term: Renewal | None) -> dict[str, str]:
    agent, phones = client.agent, phones_shown(timezone.now())
    phone = agent and (phones.get(agent.pk) or agent.phone)
    values = {
        "greeting": client.greeting,
        "agent_name": str(agent) if agent else settings.COMPANY_NAME,
        "agent_phone": format_phone(phone) if phone else settings.SHORT_NUMBER,
    }
    if term is None:
        return values
    project = Project.objects.filter(
        policy_id=term.policy_id, state__in=[Project.State.OPEN, Project.State.OFFERED]
    ).first()
    price = term.premium if term.next_premium is None else term.next_premium
    link = f"{settings.PUBLIC_URL.rstrip('/')}/pay/{project.pay_token}/" if project else ""
    return (
        values
        | variables(term, language=client.language, phones=phones)
        | {
            "price": formats.money(price, get_language() or "ru"),
            "link": (_("Pay here: %(link)s ") % {"link": link}) if link else "",
        }
    )


def purpose_of(about: str) -> str:
    return PURPOSES.get(about, Purpose.SERVICE)


def title(about: str, client: Client) -> str:
    """The title of the dialog."""
    words = {
        "payment": _("Remind of the payment: %(name)s"),
        "mortgage": _("Ask for the balance: %(name)s"),
        "claim": _("Ask about the claim: %(name)s"),
        "birthday": _("Congratulate: %(name)s"),
        "car": _("Offer KASKO: %(name)s"),
    }.get(about, _("Message to %(name)s"))
    return words % {"name": client.name}


def refused(message: Message) -> str:
    """Why the communication policy stopped a message."""
    failed = [check for check in Verdict.from_json(message.verdict).checks if not check.passed]
    why = str(describe(failed[0])) if failed else ""
    return _("The communication policy does not let it go. %(why)s") % {"why": why}


def fate(message: Message, client: Client) -> tuple[str, str]:
    """What becomes of a message that may go, in words and as the kind of a toast."""
    if message.not_before <= message.created_at:
        return _("The message is on its way"), "good"
    at = formats.near_moment(message.not_before, get_language() or "ru", message.created_at, client.time_zone)
    return _("The message will go %(when)s, when the client may be written to") % {"when": at}, "warn"

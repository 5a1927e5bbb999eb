"""What the variables of a step's text mean for one term."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, override

from clientela.foundation.phones import format_phone
from clientela.modules.contacts.rules.texts import VARIABLES, TextError, render
from clientela.modules.organisation.queries import phones_shown
from clientela.modules.renewals.models import Renewal, Step, TermLine
from clientela.modules.robot.rules import words

# Price and pay link belong to an offer; a planned touch knows neither.
OFFERED = tuple(name for name in VARIABLES if name not in {"premium", "pay_link"})


def check_variables(*texts: str) -> None:
    """Raise ``TextError`` for a text that could not be filled when it is sent."""
    values = dict.fromkeys(OFFERED, "")
    for text in texts:
        render(text, values)


def unfilled(steps: Iterable[Step]) -> list[tuple[Step, str]]:
    """Steps whose texts could not be filled when they are sent, with the reason."""
    found = []
    for step in steps:
        try:
            check_variables(step.subject, step.text, step.subject_en, step.text_en)
        except TextError as error:
            found.append((step, str(error)))
    return found


def variables(
    renewal: Renewal, *, language: str = "ru", phones: Mapping[int, str] | None = None
) -> dict[str, str]:
    """Values for ``{variables}``; the term must be loaded with client, policy, product, agent and centre.

    An agent without a phone is replaced by the centre or the short number, so that no text names nobody. ``phones``
    are those of substitutes (``phones_shown``), read once by who writes many texts.
    """
    agent, centre = renewal.agent, renewal.centre
    phones = phones_shown(timezone.now()) if phones is None else phones
    phone = agent and (phones.get(agent.pk) or agent.phone)
    centre_phone = format_phone(centre.phone) if centre else settings.SHORT_NUMBER
    with override(language):
        product = (
            gettext("KASKO and OSAGO")
            if renewal.line == TermLine.KASKO_OSAGO
            else renewal.product.message_name
        )
    return {
        "greeting": renewal.client.greeting,
        "client_name": renewal.client.name,
        "product": product,
        "number": renewal.policy.number,
        "object": str(renewal.policy.insured_object or ""),
        "end_date": renewal.end_date.strftime("%d.%m.%y"),
        "agent_name": str(agent) if agent else "",
        "agent_phone": format_phone(phone) if phone else centre_phone,
        "centre_phone": centre_phone,
        "company": settings.COMPANY_NAME,
        "short_number": settings.SHORT_NUMBER,
    }


def spoken(renewal: Renewal, phones: Mapping[int, str] | None = None) -> dict[str, str]:
    """What the robot may say of a term, as words that a voice reads; what is not known is empty."""
    values = variables(renewal, phones=phones)
    thing = renewal.policy.insured_object
    return {
        "name": values["greeting"],
        "company": values["company"],
        "product": values["product"],
        "object": f"{thing.make} {thing.model}".strip() if thing else "",
        "end_date": words.day(renewal.end_date),
        "price": words.roubles(renewal.next_premium) if renewal.next_premium else "",
        "agent_name": values["agent_name"],
        "agent_phone": values["agent_phone"],
    }


def written(step: Step, renewal: Renewal, phones: Mapping[int, str] | None = None) -> tuple[str, str]:
    """Subject and text of a step for a term, in the client's language (Russian where no other text is written)."""
    language = renewal.client.language
    english = language == "en" and bool(step.text_en)
    values = variables(renewal, language="en" if english else "ru", phones=phones)
    subject = step.subject_en if english else step.subject
    return render(subject, values), render(step.text_en if english else step.text, values)

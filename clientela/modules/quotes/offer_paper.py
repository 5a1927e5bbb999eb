"""The comparison of a calculation as a PDF for its client."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats
from clientela.modules.documents.paper import sheet_pdf
from clientela.modules.quotes import rules
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations.sending import page_url
from clientela.modules.quotes.queries.comparison import columns


def file_name(calculation: Calculation) -> str:
    """What the file is called, in the client's language."""
    with override(calculation.client.language):
        return _("Offer %(number)s.pdf") % {"number": calculation.number}


def offer_pdf(calculation: Calculation) -> bytes:
    """The variants side by side with their prices, in the client's language. Raises `NoPrinter`."""
    client, agent = calculation.client, calculation.client.agent
    language = client.language
    with override(language):
        ends_on = rules.last_day(calculation.starts_on, calculation.months, calculation.answers)
        body = render_to_string("quotes/offer_paper.html", {
            "calculation": calculation, "client": client, "agent": agent, "link": page_url(calculation),
            "agent_phone": format_phone(agent.phone) if agent and agent.phone else "",
            "product": calculation.product.name_en if language == "en" and calculation.product.name_en else calculation.product.name,
            "start": formats.full_date(calculation.starts_on, language), "end": formats.full_date(ends_on, language),
            "until": formats.full_date(calculation.valid_until, language) if calculation.valid_until else "",
            "company": settings.COMPANY_NAME, "short_number": settings.SHORT_NUMBER,
            "columns": [
                {"title": one.title, "lines": one.lines, "price": formats.money(one.premium, language), "chosen": one.chosen}
                for one in columns(calculation)
            ],
        })  # fmt: skip
        branch = client.branch
        contacts = " · ".join(
            filter(
                None, [format_phone(branch.phone) if branch and branch.phone else "", settings.SHORT_NUMBER]
            )
        )
        return sheet_pdf(
            title=_("Offer"),
            body=body,
            language=language,
            branch=branch.name if branch else "",
            contacts=contacts,
        )

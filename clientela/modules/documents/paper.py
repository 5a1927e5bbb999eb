"""What stands on a document: the values of its variables, and its pages."""

import re
from datetime import date
from typing import Any

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override

from clientela.foundation.dates import local_today
from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats
from clientela.foundation.ui.printing import set_pages
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.documents import paper_money
from clientela.modules.documents import paper_tables as tables
from clientela.modules.documents.models import Document, Template
from clientela.modules.documents.rules import fill, typeset

_NO_CSS = re.compile(r'[\\"<>\n]')
FONTS = '"PT Sans", "Liberation Sans", "DejaVu Sans", sans-serif'


def check_url(token: str) -> str:
    """Where anybody can see whether the document is genuine."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/p/{token}/"


def pdf_of(document: Document, template: Template, *, today: date) -> bytes:
    """The document's pages. Raises `NoPrinter`, `TemplateFault`."""
    language = template.language
    with override(language):
        contract: Any = document.policy or document.project
        branch = contract.branch
        body = fill(template.html, values_of(document, language=language, today=today))
        html = render_to_string("documents/paper.html", {
            "language": language, "title": str(document), "company": settings.COMPANY_NAME, "fonts": FONTS,
            "branch": branch.name, "contacts": " · ".join(filter(None, [_phone(branch.phone), settings.SHORT_NUMBER])),
            "stamp": _("Duplicate") if document.is_duplicate else "",
            "foot": _foot(document.policy.number if document.policy else template.name),
            "body": typeset(body) if language == "ru" else body,
        })  # fmt: skip
    pdf: bytes = set_pages(html).write_pdf()
    return pdf


def sheet_pdf(*, title: str, body: str, language: str, branch: str, contacts: str) -> bytes:
    """A sheet with the company's head that is no document of a contract; ``body`` is markup of ours. Raises `NoPrinter`."""
    html = render_to_string("documents/paper.html", {
        "language": language, "title": title, "company": settings.COMPANY_NAME, "fonts": FONTS, "branch": branch,
        "contacts": contacts, "stamp": "", "foot": _foot(title),
        "body": typeset(body) if language == "ru" else body,
    })  # fmt: skip
    pdf: bytes = set_pages(html).write_pdf()
    return pdf


def _foot(what: str) -> str:
    """What stands at the foot of each page, as the text of a style sheet."""
    lines = (f"{settings.COMPANY_NAME} · {what}", paper_money.foot())
    safe = "\\a ".join(_NO_CSS.sub(lambda found: f"\\{ord(found[0]):x} ", one) for one in lines)
    return mark_safe(safe)  # noqa: S308


def values_of(document: Document, *, language: str, today: date) -> dict[str, str]:
    """The variables of a template by name. Expects the language to be active."""
    contract: Any = document.policy or document.project
    version, client, thing, agent = document.version, document.client, contract.insured_object, contract.agent
    policy, terms = document.policy, (document.version or contract).terms if _has_terms(document) else {}
    told = tables.Told(contract.product.code, contract.start_date, terms.get("answers") or {})
    sum_insured = version.sum_insured if version else contract.sum_insured
    values = {
        "number": formats.policy_number(policy.number, language) if policy else "",
        "product": contract.product.name_en if language == "en" and contract.product.name_en else contract.product.name,
        "client_name": client.name,
        "client_birth": formats.full_date(client.birth_date, language) if client.birth_date else "",
        "start": formats.full_date(contract.start_date, language),
        "end": formats.full_date(contract.end_date, language),
        "premium": formats.money(version.charged if version else contract.premium, language),
        "sum_insured": formats.money(sum_insured, language) if sum_insured else "",
        "bank": str(contract.bank or ""), "agent": str(agent or ""), "agent_phone": _phone(agent.phone) if agent else "",
        "branch": contract.branch.name, "branch_phone": _phone(contract.branch.phone),
        "company": settings.COMPANY_NAME, "short_number": settings.SHORT_NUMBER,
        "issued_on": formats.full_date(_issued(policy), language) if policy else "",
        "today": formats.full_date(today, language), "check_url": check_url(document.token),
        "qr": _qr(document.token) if policy else "",
        "people": tables.people(version.participants if version else contract.participants or [], told, language),
        "coverages": tables.coverages(terms.get("coverages") or [], told, language, sum_insured),
        "factors": tables.factors(terms.get("factors") or [], told, language),
        "conditions": tables.conditions(told, language),
        "payments": tables.payments(policy, language) if policy else "",
    }  # fmt: skip
    values |= paper_money.requisites()
    values |= paper_money.in_words(version, version.charged if version else contract.premium, language)
    if document.project is not None:
        values |= paper_money.bill(document.project, language)
    if thing is not None:
        values |= {
            "object": thing.title, "plate": formats.plate(thing.plate) if thing.plate else "", "vin": thing.vin,
            "body_number": thing.body_number,
            "object_year": str(thing.year) if thing.year and str(thing.year) not in thing.title else "", "power": tables.quantity(thing.power, language) if thing.power else "",
            "address": "" if thing.address.strip() == thing.title.strip() else thing.address,
        }  # fmt: skip
    return values | (_change(version, language) if version else {})


def _has_terms(document: Document) -> bool:
    return document.version is not None or document.project is not None


def _issued(policy: Policy) -> date:
    return local_today(policy.client.time_zone, policy.issued_at) if policy.issued_at else policy.start_date


def _change(version: PolicyVersion, language: str) -> dict[str, str]:
    difference, ends = version.difference, version.kind == PolicyVersion.Kind.CANCELLATION
    return {
        "version": str(version.number - 1), "reason": version.reason,
        "valid_from": formats.full_date(version.valid_from, language), "charged": formats.money(version.charged, language),
        "extra": formats.money(difference, language) if difference > 0 else "",
        "refund": formats.money(-difference, language) if difference < 0 or ends else "",
    }  # fmt: skip


def _phone(number: str) -> str:
    return format_phone(number) if number else ""


def _qr(token: str) -> str:
    return paper_money.square(segno.make(check_url(token), error="m"), _("Check of the policy"))

"""What a document says of money: the company's requisites, sums in words, and how a bill is paid."""

from decimal import Decimal
from html import escape

from django.conf import settings
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.spelled import sum_in_words
from clientela.modules.billing.models import Invoice
from clientela.modules.billing.operations.invoices import link_of
from clientela.modules.billing.queries import due_now, payee_now
from clientela.modules.billing.transfer import square_of, transfer_of
from clientela.modules.contracts.models import PolicyVersion, Project


def requisites() -> dict[str, str]:
    """The company as its register knows it; only the company's name until somebody has typed the rest."""
    payee = payee_now()
    if payee is None:
        return {"payee": settings.COMPANY_NAME}
    return {
        "payee": payee.name, "payee_inn": payee.inn, "payee_kpp": payee.kpp, "payee_ogrn": payee.ogrn,
        "payee_address": payee.address, "licences": payee.licences, "account": payee.account, "payee_bank": payee.bank_name,
        "bic": payee.bic, "correspondent_account": payee.correspondent_account,
    }  # fmt: skip


def foot() -> str:
    """The requisites in a line, as they stand at the foot of each page."""
    known = requisites()
    named = [(_("INN"), "payee_inn"), (_("OGRN"), "payee_ogrn")]
    told = [f"{word}\u00a0{known[name]}" for word, name in named if known.get(name)]
    licences = known.get("licences", "").replace("№ ", "№\u00a0")
    return ", ".join([known["payee"], *told, *filter(None, [licences])])


def in_words(version: PolicyVersion | None, premium: Decimal, language: str) -> dict[str, str]:
    """Sums of a contract and of its change in words."""
    found = {"premium_words": sum_in_words(premium, language)}
    if version is not None:
        difference = version.difference or Decimal(0)
        found["charged_words"] = sum_in_words(version.charged, language)
        if difference > 0:
            found["extra_words"] = sum_in_words(difference, language)
        elif difference < 0 or version.kind == PolicyVersion.Kind.CANCELLATION:
            found["refund_words"] = sum_in_words(-difference, language)
    return found


def bill(project: Project, language: str) -> dict[str, str]:
    """What is due for a prepared contract now, where it is paid, and the square code for a bank's application."""
    invoice = Invoice.objects.filter(project=project).first()
    if invoice is None:  # a preview: nothing is kept
        invoice = Invoice(project=project, client=project.client, token=project.pay_token)
    due = due_now(invoice)
    found = {
        "due": formats.money(due, language), "due_words": sum_in_words(due, language),
        "invoice_number": invoice.number, "pay_url": link_of(invoice),
    }  # fmt: skip
    transfer = transfer_of(invoice, due)
    if transfer is not None:
        found["purpose"] = transfer.purpose
        if transfer.data:
            found["pay_qr"] = square(square_of(transfer.data), _("For a bank's application"), "pay")
    return found


def square(code: object, caption: str, look: str = "") -> str:
    """A code with the words under it."""
    drawn = code.svg_inline(scale=3, border=0, omitsize=True)  # type: ignore[attr-defined]
    return f'<div class="qr {look}">{drawn}{escape(caption)}</div>'

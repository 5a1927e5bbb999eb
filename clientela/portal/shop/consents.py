"""The texts a buyer agrees to: each one is its own document with a version, and none is ticked beforehand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class ConsentDocument:
    """A text as it is shown; a new wording is a new ``version``."""

    kind: str
    version: str
    title: "_StrPromise"
    label: "_StrPromise"
    text: "_StrPromise"
    required: bool = True


DOCUMENTS = {
    one.kind: one
    for one in (
        ConsentDocument(
            "personal", "shop-personal-1", _("Consent to the processing of personal data"),
            _("I agree to the processing of my personal data to make and carry out the contract"),
            _(
                "I let the company process my name, date of birth, contacts, document, and the data of what is insured "
                "and of whom I name, to calculate the price, to make and carry out the contract, and to ask the class of "
                "drivers of the national insurance system. The consent holds for the term of the contract and five years "
                "after it. I may take it back in writing at any office of the company or by its e-mail."
            ),
        ),
        ConsentDocument(
            "service", "shop-service-1", _("Consent to messages about the contract"),
            _("You may write and call me about this purchase and my policy"),
            _(
                "I agree that the company writes to me by SMS and e-mail and calls me about this purchase, my policy, "
                "payments and losses. I may stop these messages by the link in each of them or by phone."
            ),
        ),
        ConsentDocument(
            "advertising", "shop-advertising-1", _("Consent to advertising"),
            _("You may send me offers by SMS and e-mail"),
            _(
                "I agree that the company sends me offers by SMS and e-mail. It changes nothing in the price or the "
                "terms of the contract. I may stop the offers at any time by the link in each of them."
            ),
            required=False,
        ),
    )
}  # fmt: skip

"""The papers of a purchase: the policy as a file, whether it went by mail, the receipt."""

from dataclasses import dataclass

from clientela.modules.billing.models import Receipt
from clientela.modules.contacts.models import Message
from clientela.modules.documents.models import Document
from clientela.portal.papers import newest_policy_paper
from clientela.portal.shop.models import Purchase

ORIGIN = "shop.policy"
_GONE = (Message.State.SENT, Message.State.DELIVERED, Message.State.READ)
_STUCK = (Message.State.FAILED, Message.State.DROPPED)


@dataclass(frozen=True)
class Papers:
    """``mail``: waits, sent or failed; ``mark`` changes whenever the page would look otherwise."""

    policy: Document | None
    mail: str
    has_receipt: bool

    @property
    def mark(self) -> str:
        return f"{self.policy.pk if self.policy else 0}-{self.mail}-{int(self.has_receipt)}"

    @property
    def waits(self) -> bool:
        return self.policy is None or self.mail == "waits"


def policy_paper(purchase: Purchase) -> Document | None:
    """The PDF of the policy, when it is made."""
    project = purchase.calculation.project if purchase.calculation else None
    if project is None or project.next_policy_id is None:
        return None
    return newest_policy_paper(project.next_policy_id)


def papers_of(purchase: Purchase) -> Papers:
    """What the buyer can take now, and what is still on its way."""
    message = Message.objects.filter(origin=ORIGIN, origin_id=purchase.pk).order_by("-pk").first()
    mail = "waits"
    if message is not None:
        mail = "sent" if message.state in _GONE else "failed" if message.state in _STUCK else "waits"
    project = purchase.calculation.project if purchase.calculation else None
    receipts = Receipt.objects.filter(payment__invoice__project=project, state=Receipt.State.DONE)
    return Papers(policy_paper(purchase), mail, project is not None and receipts.exists())


def mask_email(address: str) -> str:
    """Enough for the owner to know it: ``o***@mail.example``."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}"

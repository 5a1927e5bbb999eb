"""The policy of a purchase as a file."""

from clientela.modules.documents.models import Document, Kind
from clientela.portal.shop.models import Purchase


def policy_paper(purchase: Purchase) -> Document | None:
    """The PDF of the policy, when it is made."""
    project = purchase.calculation.project if purchase.calculation else None
    if project is None or project.next_policy_id is None:
        return None
    rows = Document.objects.filter(
        policy=project.next_policy_id, kind=Kind.POLICY, state=Document.State.READY
    )
    return rows.order_by("-version__number").first()

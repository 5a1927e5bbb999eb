"""Papers that clients take away."""

from clientela.modules.documents.models import Document, Kind


def newest_policy_paper(policy_id: int) -> Document | None:
    """The PDF of the policy as it is now, when it is made."""
    rows = Document.objects.filter(policy=policy_id, kind=Kind.POLICY, state=Document.State.READY)
    return rows.order_by("-version__number").first()

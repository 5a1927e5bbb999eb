"""Reading claims."""

from typing import Any

from django.db.models import QuerySet

from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Client


def claims_of(user: Any) -> QuerySet[Claim]:
    """Claims of the clients this person may see."""
    return Claim.objects.filter(client__in=Client.objects.visible_to(user))


def disputed(policy_ids: list[int]) -> QuerySet[Claim]:
    """Claims in dispute under these policies."""
    return Claim.objects.filter(policy_id__in=policy_ids, disputed_since__isnull=False)

"""What the files of this API share."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contracts.models import Policy, Project

READ = requires(Permission.CONTRACTS_READ)
WRITE = requires(Permission.PAYMENTS_WRITE)
router = Router(tags=["billing"])


def who(request: HttpRequest) -> dict[str, Any]:
    """Who does it, and when."""
    return {"actor": request.user, "now": timezone.now()}


def policy_of(request: HttpRequest, policy_id: int) -> Policy:
    return get_object_or_404(Policy.objects.visible_to(request.user), pk=policy_id)


def project_of(request: HttpRequest, project_id: int) -> Project:
    rows = Project.objects.visible_to(request.user).select_related("client", "product", "policy")
    return get_object_or_404(rows, pk=project_id)

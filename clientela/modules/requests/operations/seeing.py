"""The locked row of a request that the person may work on."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.requests.models import Request


class AlreadyClosed(Refusal):
    """The request is over."""

    message = _("The request is closed already.")


def locked(request: Request, actor: Any, *, closed: bool = False) -> Request:
    """The row under its lock. Raises ``AlreadyClosed`` unless ``closed`` are wanted, PermissionDenied."""
    if actor is not None and not Request.objects.visible_to(actor).filter(pk=request.pk).exists():
        raise PermissionDenied("scope")
    rows = Request.objects.select_for_update(of=("self",)).select_related("branch", "product", "client")
    row = rows.get(pk=request.pk)
    if not closed and not row.is_open:
        raise AlreadyClosed
    return row

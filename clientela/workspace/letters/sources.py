"""Whom a mailing is for: chosen clients, a filter of the clients' list, or the terms of the renewals' board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.modules.letters.operations.mailings import MOST, terms_of
from clientela.modules.renewals.models import Renewal
from clientela.workspace.clients.filters import ClientFilter
from clientela.workspace.clients.queries.rows import listed
from clientela.workspace.renewals.filters import BoardFilter

CLIENTS, RENEWALS = "clients", "renewals"
NAMES = {CLIENTS: _("Clients"), RENEWALS: _("Renewals")}


@dataclass(frozen=True)
class Source:
    """``kind`` names the list, ``query`` is its filter as an address says it; ``ids`` chosen clients count instead."""

    kind: str
    query: str = ""
    ids: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """How the list is told later."""
        return f"{self.kind}: {len(self.ids)}" if self.ids else f"{self.kind}?{self.query}"

    def people(self, user: Any, now: datetime) -> dict[str, Any]:
        """What ``begin_mailing`` takes; one more than it takes at most, so that it can say so."""
        today = local_today(settings.TIME_ZONE, now)
        if self.kind == RENEWALS:
            terms = BoardFilter.read(QueryDict(self.query)).terms(
                Renewal.objects.visible_to(user), today=today
            )
            return {"terms": terms_of(terms)}
        if self.ids:
            return {"clients": self.ids}
        wanted = listed(user, ClientFilter.read(QueryDict(self.query)), today)
        return {"clients": wanted.order_by("pk").values_list("pk", flat=True)[: MOST + 1]}


def source(kind: str, query: str, ids: Sequence[int]) -> Source:
    return Source(RENEWALS if kind == RENEWALS else CLIENTS, query, tuple(ids))

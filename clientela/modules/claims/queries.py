"""Reading claims."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission
from clientela.modules.claims.models import UNDECIDED, Claim, ClaimQuerySet
from clientela.modules.contracts.models import Participant, Policy
from clientela.modules.products.models import Line

MOST = 99


def claims_of(user: Any) -> ClaimQuerySet:
    """Claims of the clients this person may see."""
    return Claim.objects.visible_to(user)


def overdue(rows: ClaimQuerySet, now: datetime) -> ClaimQuerySet:
    """Those that nobody has decided by their last day."""
    return rows.filter(status__in=UNDECIDED, due_on__lt=local_today(settings.TIME_ZONE, now))


def waiting_for(user: Any) -> int:
    """How many nobody has taken yet, for the menu of who decides."""
    if not user.can(Permission.CLAIMS_SETTLE):
        return 0
    rows = Claim.objects.visible_to(user).filter(status=Claim.Status.REPORTED).order_by()
    return rows.values("pk")[:MOST].count()


def disputed(policy_ids: list[int]) -> QuerySet[Claim]:
    """Claims in dispute under these policies."""
    return Claim.objects.filter(policy_id__in=policy_ids, disputed_since__isnull=False)


def osago_year(clients: Iterable[int], since: date, until: date) -> dict[int, int]:
    """OSAGO claims paid in these days, for each of these clients who was insured as holder or driver in them.

    A claim counts for the only driver its policy names; where there are several, or none, for the holder: claims
    do not name the driver at fault.
    """
    ids = listed(clients)
    terms = Policy.objects.filter(
        product__line=Line.OSAGO, status=Policy.Status.ISSUED, start_date__lte=until, end_date__gte=since
    )
    drivers = Participant.objects.filter(role=Participant.Role.DRIVER, policy__in=terms, client__in=ids)
    found = dict.fromkeys(terms.filter(client__in=ids).values_list("client", flat=True), 0)
    found |= dict.fromkeys(drivers.values_list("client", flat=True), 0)
    paid = Claim.objects.filter(
        status=Claim.Status.PAID,
        policy__product__line=Line.OSAGO,
        occurred_on__gte=since,
        occurred_on__lte=until,
    )
    named = Participant.objects.filter(role=Participant.Role.DRIVER, policy=OuterRef("policy"))
    only = (
        named.order_by().values("policy").annotate(number=Count("client", distinct=True), one=Max("client"))
    )
    guilty = paid.annotate(guilty=Coalesce(Subquery(only.filter(number=1).values("one")), F("client")))
    counts = guilty.filter(guilty__in=ids).order_by().values_list("guilty").annotate(Count("pk"))
    return found | dict(counts)

"""The next term that a client takes alone: priced when it is looked at, and kept with who took it."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations.projects import lock_project, lock_renewable, tell
from clientela.modules.quotes.operations import PriceMoved
from clientela.modules.quotes.operations.renewal_classes import ask_now
from clientela.modules.quotes.operations.renewal_prices import Tariffs, is_priced, price_chunk, verdict_of
from clientela.modules.renewals.events import RenewedAlone
from clientela.modules.renewals.models import SelfRenewal

AHEAD = timedelta(days=60)
OPEN = (Project.State.OPEN, Project.State.OFFERED)
PRICED = ("made", "repriced", "as it was")


class NotNow(Refusal):
    """The term does not end soon, is over, or renews otherwise."""

    message = _("This policy cannot be renewed here now. Call us: we help at once.")


class NeedsColleague(Refusal):
    """The price is not known by what the base knows, or the rules want a person to look."""

    message = _("A colleague must look at this renewal first. We call you and renew it together.")


class ClassAwaited(Refusal):
    """The register of classes has not answered yet."""

    message = _("We are asking the register of insurers for the class of a driver. It takes a minute.")


def renewable(client: Client, on: date) -> QuerySet[Policy]:
    """Terms of this client that may be renewed alone on this day, the first to end first."""
    rows = Policy.objects.filter(
        client=client, status=Policy.Status.ISSUED, end_date__range=(on, on + AHEAD), next_terms=None,
        product__is_renewable=True,
    )  # fmt: skip
    return rows.select_related("client", "product", "insured_object", "agent", "bank").order_by(
        "end_date", "pk"
    )


def price_alone(*, now: datetime, policy: Policy) -> Project:
    """The next term with its price: what was prepared already, else priced now by the tariffs of its first day.

    What was asked of the register stays asked when it refuses. Raises ``NotNow``, ``ClassAwaited``, ``NeedsColleague``,
    ``AlreadyRenewed``, ``ProjectClosed``.
    """
    with transaction.atomic():
        row = _held(policy, now)
        project = Project.objects.filter(policy=row, state__in=OPEN).first()
        pending = False
        if project is None or not is_priced(project):
            pending = ask_now(row, now=now)
            counts = price_chunk([row], Tariffs(), now=now)
            known = any(counts.get(name) for name in PRICED)
            project = Project.objects.get(policy=row, state__in=OPEN) if known else None
    if project is None:
        raise ClassAwaited if pending else NeedsColleague
    by_tariff = not project.calculation_number  # a person's calculation went through the tables already
    if by_tariff and verdict_of(row, project.premium) != "accept":
        raise NeedsColleague
    return project


@transaction.atomic
def renew_alone(
    *, now: datetime, policy: Policy, shown: Decimal | None, phone: str, confirmed_at: datetime
) -> Project:
    """The client goes on to pay the next term at the price that was ``shown``; asked for twice it is kept once.

    Raises ``PriceMoved`` and what ``price_alone`` raises.
    """
    project = lock_project(price_alone(now=now, policy=policy))
    if project.premium != shown:
        raise PriceMoved
    project.sales_channel = Policy.SalesChannel.WEB
    project.save(update_fields=["sales_channel"])
    kept, is_new = SelfRenewal.objects.get_or_create(
        project=project,
        defaults={
            "client_id": project.client_id, "phone": phone, "confirmed_at": confirmed_at, "begun_at": now,
        },
    )  # fmt: skip
    if is_new:
        changes = {"premium": [None, str(project.premium)], "confirmed_at": [None, confirmed_at.isoformat()]}
        tell(project, actor=None, now=now, action="project.renewed_alone", changes=changes)
        assert project.policy_id is not None
        publish(RenewedAlone(project.pk, project.policy_id, kept.client_id), now=now)
    return project


def _held(policy: Policy, now: datetime) -> Policy:
    """The expiring term, held, when it may be renewed alone today."""
    row = lock_renewable(policy)
    today = local_today(settings.TIME_ZONE, now)
    found = renewable(row.client, today).filter(pk=row.pk).first()
    if found is None:
        raise NotNow
    return found

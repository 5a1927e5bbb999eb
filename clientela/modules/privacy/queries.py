"""What forgetting a person would do, what stands in its way, and what is kept too long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clientela.foundation.dates import local_today
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.privacy.models import Erasure, RetentionRule
from clientela.modules.privacy.rules import BELOW, FATES, KEEPING, Fate, Keeping


@dataclass(frozen=True)
class Line:
    """What becomes of one table's rows of a person."""

    model: type[models.Model]
    count: int
    fate: Fate

    @property
    def label(self) -> str:
        return self.model._meta.label


def rows_of(client_id: int) -> Iterator[tuple[str, type[models.Model], "QuerySet[Any]", Fate]]:
    """Every table with rows of this person, in the order in which they are forgotten."""
    for path, fate in FATES.items():
        label, _dot, name = path.rpartition(".")
        model = apps.get_model(label)
        yield path, model, model._base_manager.filter(**{name: client_id}), fate
    for path, fate in BELOW.items():
        label, _dot, name = path.rpartition(".")
        model = apps.get_model(label)
        yield path, model, model._base_manager.filter(**{f"{name}__client": client_id}), fate


def plan_of(client_id: int) -> list[Line]:
    """The dry run: what goes and what stays, tables without rows left out."""
    found: dict[tuple[type[models.Model], Fate], int] = {}
    order: dict[type[models.Model], Fate] = {}
    for _path, model, rows, fate in rows_of(client_id):
        order.setdefault(model, fate)
        key = (model, order[model])
        found[key] = found.get(key, 0) + rows.count()
    return [Line(model, count, fate) for (model, fate), count in found.items() if count]


def in_the_way(client: Client, *, now: datetime) -> list[str]:
    """Why this person cannot be forgotten yet; nothing where they can."""
    today = local_today(settings.TIME_ZONE, now)
    found = []
    if client.erased_at is not None:
        found.append(_("This person was erased already."))
    running = Policy.objects.filter(client=client, end_date__gte=today).exclude(
        status=Policy.Status.CANCELLED
    )
    if number := running.count():
        found.append(_("Policies that are not over: %(number)s.") % {"number": number})
    if number := open_claims(client).count():
        found.append(_("Claims that are not closed: %(number)s.") % {"number": number})
    return found


def open_claims(client: Client) -> "QuerySet[Claim]":
    """Claims that somebody still works on."""
    return Claim.objects.filter(client=client).exclude(status__in=(Claim.Status.PAID, Claim.Status.REFUSED))


def keeping() -> dict[str, Keeping]:
    """The rules of keeping in force."""
    own = {row.code: row for row in RetentionRule.objects.all()}
    return {
        code: Keeping(one.title, one.hint, own[code].days, own[code].acts) if code in own else one
        for code, one in KEEPING.items()
    }


def over_for_long(code: str, *, today: date) -> "QuerySet[Client]":
    """Cards that a rule proposes to forget: nobody asked about them yet."""
    before = today - timedelta(days=keeping()[code].days)
    asked = Erasure.objects.filter(state=Erasure.State.ASKED).values("client_card")
    refused = Erasure.objects.filter(
        state=Erasure.State.REFUSED, decided_at__date__gt=before, reason=Erasure.Reason.RETENTION
    )
    cards = Client.objects.filter(erased_at=None, kind=Client.Kind.PERSON).exclude(pk__in=asked)
    cards = cards.exclude(pk__in=refused.values("client_card"))
    contracts = Policy.objects.filter(client=models.OuterRef("pk"))
    if code == "prospects":
        return cards.filter(~models.Exists(contracts), updated_at__date__lt=before)
    late = contracts.filter(Q(end_date__gte=before))
    return cards.filter(models.Exists(contracts), ~models.Exists(late), updated_at__date__lt=before)

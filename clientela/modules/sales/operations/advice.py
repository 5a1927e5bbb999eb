"""Cross-sales: advised by rules, offered, sold or declined (CB-4)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.dates import add_months, add_years, local_today
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations.merging import MergePart
from clientela.modules.contracts.models import Policy
from clientela.modules.group.queries.facts import speaking
from clientela.modules.products.queries import on_sale
from clientela.modules.sales.events import AdviceChanged
from clientela.modules.sales.models import Advice, AdviceRule, Deal
from clientela.modules.sales.operations.deals import Start, start_deal
from clientela.modules.sales.queries.deals import funnel_for

State = Advice.State


class AdviceClosed(Refusal):
    """The advice was sold, declined, or fits no more."""

    message = _("This advice is closed already.")


class AdviceOnce(MergePart):
    """One client is advised a line once: of two cards' open advice for a line the survivor's stays."""

    same_twice = frozenset({"sales.Advice"})


@transaction.atomic
def save_rule(*, actor: User, now: datetime, rule: AdviceRule, values: Mapping[str, Any]) -> AdviceRule:
    """Keep a rule, new or changed; the nightly job works it out. Raises PermissionDenied."""
    ensure(actor, Permission.FUNNELS_WRITE)
    for name, value in values.items():
        setattr(rule, name, value)
    rule.code = rule.code or f"rule-{get_random_string(8).lower()}"
    rule.save()
    record(actor=actor, now=now, action="advice.rule", obj=rule)
    return rule


def fitting(rule: AdviceRule, *, now: datetime) -> "QuerySet[Client]":
    """Clients for whom a rule holds today; prospects too where the rule names no line they have."""
    today = local_today(settings.TIME_ZONE, now)
    in_force = Policy.objects.in_force(on=today).filter(client=OuterRef("pk")).order_by()
    found = Client.objects.filter(do_not_contact=False, is_internal=False)
    for line in rule.has:
        found = found.filter(Exists(in_force.filter(product__line=line)))
    found = found.exclude(Exists(in_force.filter(product__line__in=[rule.line, *rule.lacks])))
    for code in rule.told:
        found = found.filter(Exists(speaking(code, now=now).filter(client=OuterRef("pk")).order_by()))
    if rule.kind:
        found = found.filter(kind=rule.kind)
    if rule.least_age:
        found = found.filter(birth_date__lte=add_years(today, -rule.least_age))
    if rule.most_age:
        found = found.filter(birth_date__gt=add_years(today, -rule.most_age - 1))
    return found


def advise_all(*, now: datetime) -> dict[str, int]:
    """Go over the whole base: advise what fits now, drop what fits no more; one statement a rule for each."""
    with transaction.atomic():
        one_at_a_time("sales.advise")
        added = dropped = 0
        for rule in AdviceRule.objects.filter(is_active=True):
            fits = fitting(rule, now=now)
            gone = Advice.objects.filter(rule=rule, state=State.ADVISED).exclude(client__in=fits.values("pk"))
            dropped += gone.update(state=State.DROPPED, closed_at=now)
            added += _advise(rule, fits, now)
    return {"advised": added, "dropped": dropped}


def _advise(rule: AdviceRule, fits: "QuerySet[Client]", now: datetime) -> int:
    today = local_today(settings.TIME_ZONE, now)
    before = Advice.objects.filter(client=OuterRef("pk"), line=rule.line).order_by()
    held = before.filter(Q(state__in=[State.ADVISED, State.OFFERED]) | Q(not_before__gt=today))
    inner, params = fits.exclude(Exists(held)).order_by().values("id").query.sql_with_params()
    stamp = "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
    statement = f"""
        INSERT INTO sales_advice (client_id, rule_id, line, state, reason, note, advised_at)
        SELECT q.id, %s, %s, 'advised', '', '', {stamp} FROM ({inner}) q WHERE true ON CONFLICT DO NOTHING
    """
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(statement, [rule.pk, rule.line, at, *params])
        return cursor.rowcount


@transaction.atomic
def offer_advice(*, actor: User, now: datetime, advice: Advice) -> Advice:
    """The client was told of it. Raises ``AdviceClosed``, PermissionDenied."""
    row = _open(actor, advice)
    if row.state == State.ADVISED:
        row.state, row.offered_at, row.by = State.OFFERED, now, actor
        _keep(row, actor, now, "advice.offered")
    return row


@transaction.atomic
def decline_advice(*, actor: User, now: datetime, advice: Advice, reason: str, note: str = "") -> Advice:
    """The client does not want it; it is not advised again for as long as its rule says. Raises ``AdviceClosed``."""
    row = _open(actor, advice)
    months = row.rule.months_off if row.rule else 6
    row.state, row.reason, row.note = State.DECLINED, Advice.Reason(reason).value, note.strip()[:255]
    row.closed_at, row.by, row.offered_at = now, actor, row.offered_at or now
    row.not_before = add_months(local_today(row.client.time_zone, now), months)
    _keep(row, actor, now, "advice.declined", reason=str(row.get_reason_display()))
    return row


@transaction.atomic
def deal_of_advice(*, actor: User, now: datetime, advice: Advice) -> Deal:
    """The client is interested: a deal in the funnel of the line. Raises ``AdviceClosed``, PermissionDenied."""
    row = _open(actor, advice)
    product = on_sale().filter(line=row.line).first()
    start = Start(origin=Deal.Origin.ADVICE, origin_id=row.pk)
    funnel = funnel_for(row.line)
    deal = start_deal(actor=actor, now=now, client=row.client, start=start, product=product, funnel=funnel)
    row.state, row.offered_at, row.deal, row.by = State.OFFERED, row.offered_at or now, deal, actor
    _keep(row, actor, now, "advice.offered")
    return deal


def sold_by(policy: Policy, *, now: datetime) -> int:
    """A policy of the advised line was issued to the client: that advice is sold. Returns how many were."""
    rows = Advice.objects.open().filter(client=policy.client_id, line=policy.product.line)
    count = 0
    for row in rows.select_for_update():
        row.state, row.policy, row.closed_at = State.SOLD, policy, now
        row.save()
        publish(AdviceChanged(row.pk, row.client_id, row.state), now=now)
        count += 1
    return count


def _open(actor: User, advice: Advice) -> Advice:
    ensure(actor, Permission.SALES_WRITE)
    rows = Advice.objects.visible_to(actor).select_for_update(of=("self",))
    row = rows.select_related("client__agent__user", "rule").filter(pk=advice.pk).first()
    if row is None:
        raise PermissionDenied("scope")
    if row.state not in (State.ADVISED, State.OFFERED):
        raise AdviceClosed
    return row


def _keep(row: Advice, actor: Any, now: datetime, action: str, reason: str = "") -> None:
    row.save()
    record(
        actor=actor, now=now, action=action, obj=row.client, changes={"line": [None, str(row.get_line_display())]},
        reason=reason,
    )  # fmt: skip
    publish(AdviceChanged(row.pk, row.client_id, row.state), now=now)

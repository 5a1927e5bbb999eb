"""Finding expiring terms and keeping their facts current."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from clientela.foundation.bulk import listed
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.claims.models import Claim
from clientela.modules.contracts.models import InsuredObject, Policy, Project, Quote
from clientela.modules.renewals.events import RenewalChanged
from clientela.modules.renewals.models import NormResult, Renewal, TermLine
from clientela.modules.renewals.queries.facts import expiring_policies, next_term_ids, reach_bits

HORIZON_DAYS = 60
OPEN_PROJECT = [Project.State.OPEN, Project.State.OFFERED]


def open_terms(
    *, day: date, now: datetime, first: date | None = None, policy_ids: list[int] | None = None
) -> int:
    """Give every expiring term of the ``HORIZON_DAYS`` from ``day`` its row; returns how many are new.

    ``first`` skips the days that were searched before. One set-based statement finds the terms, a few fill in what
    is known already; running it again adds nothing.
    """
    policies: QuerySet[Any] = expiring_policies(
        first=max(first or day, day), last=day + timedelta(days=HORIZON_DAYS)
    )
    if policy_ids is not None:
        policies = policies.filter(id__in=listed(policy_ids))
    found = policies.values(
        "id", "client_id", "agent_id", "branch_id", "centre_id", "product_id", "bank_id", "end_date", "premium",
        "zone", "blocked", "bits", "term_line", "next_id", "year",
    )  # fmt: skip
    sql, params = found.query.sql_with_params()
    stamp = connection.ops.adapt_datetimefield_value(now)
    with transaction.atomic(), connection.cursor() as cursor:
        before = Renewal.objects.order_by("-id").values_list("id", flat=True).first() or 0
        cursor.execute(
            f"""
            INSERT INTO renewals_renewal (
              policy_id, client_id, agent_id, branch_id, centre_id, product_id, bank_id, end_date, premium,
              time_zone, do_not_contact, reach, line, next_policy_id, renewal_year, state, has_project,
              has_quote, in_dispute, object_sold, norm_kept, held_reason, opened_at, updated_at, paid_at)
            SELECT q.id, q.client_id, q.agent_id, q.branch_id, q.centre_id, q.product_id, q.bank_id, q.end_date,
              q.premium, q.zone, q.blocked, q.bits, q.term_line, q.next_id, q.year,
              CASE WHEN q.next_id IS NULL THEN 'nothing' ELSE 'paid' END, {_false()}, {_false()}, {_false()},
              {_false()}, {_false()}, '', %s, %s, CASE WHEN q.next_id IS NULL THEN NULL ELSE {_stamp()} END
            FROM ({sql}) q
            WHERE true
            ON CONFLICT (policy_id) DO NOTHING
            """,
            [stamp, stamp, stamp, *params],
        )
        opened = cursor.rowcount
        if opened:
            _refresh(Renewal.objects.filter(id__gt=before), _work_done(), now=now)
    return opened


def _false() -> str:
    return "false" if connection.vendor == "postgresql" else "0"


def _stamp() -> str:
    return "%s::timestamptz" if connection.vendor == "postgresql" else "%s"


def refresh(
    *,
    now: datetime,
    client_ids: list[int] | None = None,
    policy_ids: list[int] | None = None,
    between: tuple[int, int] | None = None,
) -> int:
    """Read the facts of open terms again, of these clients or policies, between these ids, or of all; set-based.

    Publishes ``RenewalChanged`` where ids were given. Returns how many rows were looked at.
    """
    terms: QuerySet[Renewal] = Renewal.objects.all()
    if client_ids is not None:
        terms = terms.filter(client_id__in=listed(client_ids))
    if policy_ids is not None:
        terms = terms.filter(policy_id__in=listed(policy_ids))
    if between is not None:
        terms = terms.filter(pk__range=between)
    with transaction.atomic():
        count = _refresh(terms, {**_carried(), **_work_done(), "updated_at": now}, now=now)
        if client_ids is not None or policy_ids is not None:
            publish_all(
                [
                    RenewalChanged(renewal_id=pk, client_id=client)
                    for pk, client in terms.values_list("id", "client_id")
                ],
                now=now,
            )
    return count


def _work_done() -> dict[str, Any]:
    """What people did with the policy meanwhile: facts that nobody knows when a term is found."""
    projects = Project.objects.filter(policy_id=OuterRef("policy_id"), state__in=OPEN_PROJECT)
    quotes = Quote.objects.filter(policy_id=OuterRef("policy_id"), withdrawn_at__isnull=True)
    disputes = Claim.objects.filter(policy_id=OuterRef("policy_id"), disputed_since__isnull=False)
    sold = InsuredObject.objects.filter(policies=OuterRef("policy_id"), sold_on__isnull=False)
    return {
        "has_project": Exists(projects),
        "has_quote": Exists(quotes),
        "in_dispute": Exists(disputes),
        "object_sold": Exists(sold),
        "next_premium": Subquery(projects.order_by("-id").values("premium")[:1]),
    }


def _carried() -> dict[str, Any]:
    """What the policy and the client say themselves: a term that is just found carries it already."""
    policy = Policy.objects.filter(id=OuterRef("policy_id"))
    return {
        "reach": reach_bits("client_id"),
        "do_not_contact": Subquery(policy.values("client__do_not_contact")[:1]),
        "time_zone": Subquery(policy.values("client__time_zone")[:1]),
        "agent_id": Subquery(policy.values("agent_id")[:1]),
        "branch_id": Subquery(policy.values("branch_id")[:1]),
        "centre_id": Subquery(policy.values("centre_id")[:1]),
        "end_date": Subquery(policy.values("end_date")[:1]),
        "premium": Subquery(policy.values("premium")[:1]),
        "next_policy_id": next_term_ids("policy_id"),
    }


def _refresh(terms: "QuerySet[Renewal]", facts: dict[str, Any], *, now: datetime) -> int:
    quotes = Quote.objects.filter(policy_id=OuterRef("policy_id"), withdrawn_at__isnull=True).order_by("-id")
    terms.update(**facts)
    terms.filter(next_premium__isnull=True).update(next_premium=Subquery(quotes.values("premium")[:1]))
    terms.filter(next_policy__isnull=False).update(
        next_premium=Subquery(Policy.objects.filter(id=OuterRef("next_policy_id")).values("premium")[:1])
    )
    terms.filter(next_policy__isnull=False, paid_at__isnull=True).update(paid_at=now)
    terms.filter(next_policy__isnull=True, paid_at__isnull=False).update(paid_at=None)
    _mark_norms(terms)
    stopped = Policy.objects.filter(id=OuterRef("policy_id")).exclude(status=Policy.Status.ISSUED)
    return terms.update(
        state=Case(
            When(paid_at__isnull=False, then=Value(Renewal.State.PAID)),
            When(Q(lost_at__isnull=False) | Exists(stopped), then=Value(Renewal.State.LOST)),
            When(has_project=True, then=Value(Renewal.State.PROJECT)),
            When(has_quote=True, then=Value(Renewal.State.QUOTED)),
            default=Value(Renewal.State.NOTHING),
        )
    )


def norm_lines(line: str) -> list[str]:
    """Lines of the norm that a term's line is judged by."""
    return {TermLine.KASKO_OSAGO: ["kasko", "osago"]}.get(TermLine(line), [line])


def _mark_norms(terms: "QuerySet[Renewal]") -> None:
    for line in TermLine.values:
        kept = [
            Exists(NormResult.objects.filter(agent_id=OuterRef("agent_id"), line=norm, kept=True))
            for norm in norm_lines(line)
        ]
        condition = kept[0] if len(kept) == 1 else kept[0] & kept[1]
        terms.filter(line=line).update(norm_kept=condition)


def mark_norms() -> None:
    """Write the newest norm results onto every unpaid term."""
    _mark_norms(Renewal.objects.filter(paid_at__isnull=True))

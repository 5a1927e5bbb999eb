"""What a new version of a policy means for money: more is due, or some goes back."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import override

from clientela.foundation.money import ZERO, total
from clientela.modules.billing.models import Instalment, Invoice, Refund
from clientela.modules.billing.operations.invoices import bill_part
from clientela.modules.billing.operations.refunds import drop_refund, owe_refund
from clientela.modules.billing.operations.schedule import make_schedule
from clientela.modules.billing.queries import balance_of_policy, cancelled_refunds, returned_of
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.products.queries import name_of

Kind = PolicyVersion.Kind


@transaction.atomic
def amend(*, now: datetime, version: PolicyVersion) -> None:
    """Bill the difference of an endorsement, or owe what goes back. Said twice it happens once."""
    policy = Policy.objects.select_for_update().get(pk=version.policy_id)
    with override(policy.client.language):
        if version.kind == Kind.REINSTATEMENT:
            _due_again(policy, version, now)
        elif version.difference > 0:
            _charge(policy, version, version.difference, now)
        elif version.difference < 0:
            _give_back(policy, version, now)


def _origin(version: PolicyVersion) -> str:
    return f"version:{version.pk}"


def _charge(policy: Policy, version: PolicyVersion, amount: Decimal, now: datetime) -> None:
    if Invoice.objects.filter(origin=_origin(version)).exists():
        return
    make_schedule(policy=policy, premium=policy.premium - amount)
    last = Instalment.objects.filter(policy=policy).aggregate(last=Max("number"))["last"] or 0
    part = Instalment.objects.create(
        policy=policy, number=last + 1, due_on=max(version.valid_from, version.at.date()), amount=amount
    )
    words = {"product": name_of(policy.product), "number": policy.number}
    purpose = (
        _("%(product)s %(number)s, the policy is in force again") % words
        if version.kind == Kind.REINSTATEMENT
        else _("%(product)s %(number)s, change of the conditions") % words
    )
    bill_part(now=now, instalment=part, purpose=purpose, origin=_origin(version))


def _give_back(policy: Policy, version: PolicyVersion, now: datetime) -> None:
    """What was paid over the new price goes back; what is not paid yet is not asked for any more."""
    if Refund.objects.filter(origin__startswith=f"{_origin(version)}/").exists():
        return
    over = balance_of_policy(policy).paid - version.charged
    back = min(-version.difference, max(over, ZERO))
    if version.kind == Kind.ENDORSEMENT:
        _shrink(policy)
    if back > 0:
        reason = _("%(kind)s of the policy %(number)s") % {
            "kind": version.get_kind_display(),
            "number": policy.number,
        }
        owe_refund(now=now, policy=policy, amount=back, reason=reason, origin=_origin(version))


def _shrink(policy: Policy) -> None:
    """Ask for no more than the premium is now: the last open parts get less first."""
    parts = list(Instalment.objects.select_for_update().filter(policy=policy).order_by("-due_on", "-number"))
    amount = total(part.amount for part in parts) - policy.premium
    for part in parts:
        less = min(amount, part.amount - part.paid)
        if less > 0:
            part.amount -= less
            part.save(update_fields=["amount"])
            amount -= less


def _due_again(policy: Policy, version: PolicyVersion, now: datetime) -> None:
    """What a cancellation was to return stays here; what it has returned is due again."""
    refunds = cancelled_refunds(policy, before=version.number)
    for refund in refunds.filter(state__in=[Refund.State.DUE, Refund.State.REFUSED]):
        drop_refund(actor=None, now=now, refund=refund, reason=_("The policy is in force again"))
    gone = returned_of(refunds)
    if gone > 0:
        _charge(policy, version, gone, now)

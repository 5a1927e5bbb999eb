"""Which company belongs to which."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.events import ClientChanged
from clientela.modules.clients.models import Client, HoldingLink
from clientela.modules.clients.queries import require, root_of

MOST_COMPANIES = 200


class WrongParent(Refusal):
    """The company cannot belong to this one."""

    field = "parent"

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


@transaction.atomic
def set_parent(*, actor: Any, now: datetime, company: Client, parent: Client | None) -> bool:
    """Say that ``company`` belongs to ``parent``, with all that belongs to it; None: to nobody.

    False when it is so already. Raises WrongParent, NotAllowed.
    """
    require(actor, "clients.write", company.pk)
    if parent is not None:
        require(actor, "clients.read", parent.pk)
        if Client.Kind.PERSON in (company.kind, parent.kind):
            raise WrongParent(_("Only companies make a holding."))
    # Two people who tie the same holdings at once wait for each other here, so that no circle slips through.
    heads = {root_of(company.pk), *([root_of(parent.pk)] if parent else [])}
    list(Client.objects.select_for_update().filter(pk__in=heads).order_by("pk").values_list("pk"))
    old = HoldingLink.objects.filter(company=company).first()
    if (old.parent_id if old else None) == (parent.pk if parent else None):
        return False
    moved = _with_all_below(company.pk)
    if parent is not None:
        if parent.pk in moved:
            raise WrongParent(_("That company belongs to this one: a circle is no holding."))
        root = root_of(parent.pk)
        if HoldingLink.objects.filter(root_id=root).count() + len(moved) > MOST_COMPANIES:
            raise WrongParent(_("A holding has no more than 200 companies."))
        HoldingLink.objects.update_or_create(company=company, defaults={"parent": parent, "root_id": root})
    else:
        root = company.pk
        HoldingLink.objects.filter(company=company).delete()
    HoldingLink.objects.filter(company_id__in=moved - {company.pk}).update(root_id=root)
    # Numbers of cards, not names: who reads the timeline may not see the other company.
    changes = {"parent_card": [old.parent_id if old else None, parent.pk if parent else None]}
    record(actor=actor, now=now, action="client.parent_set", obj=company, changes=changes)
    publish(ClientChanged(company.pk), now=now)
    return True


def _with_all_below(company_id: int) -> set[int]:
    links = HoldingLink.objects.filter(root_id=root_of(company_id)).values_list("company_id", "parent_id")
    below: dict[int, list[int]] = {}
    for company, parent in links:
        below.setdefault(parent, []).append(company)
    found, waiting = {company_id}, [company_id]
    while waiting:
        fresh = [pk for pk in below.get(waiting.pop(), []) if pk not in found]
        found.update(fresh)
        waiting += fresh
    return found

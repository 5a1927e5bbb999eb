"""Which mailbox a mail goes out from, with what under it, and which mailboxes there are."""

import os
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from clientela.foundation.phones import format_phone
from clientela.foundation.sealing import Unreadable, unseal
from clientela.modules.mailboxes.models import Mailbox, Signature
from clientela.modules.mailboxes.ports import Account
from clientela.modules.mailboxes.rules import filled, signed
from clientela.modules.organisation.models import Agent, Branch, Placement

SEALED_AS = "mailboxes"


def mailboxes() -> "QuerySet[Mailbox]":
    """All of them, with whose they are."""
    return Mailbox.objects.select_related("person", "branch", "centre")


def account_of(box: Mailbox) -> Account:
    """The mailbox with its password, for its connections only."""
    password = os.environ.get(box.password_variable, "") if box.password_variable else ""
    if not box.password_variable and box.sealed_password:
        try:
            password = unseal(SEALED_AS, box.sealed_password)
        except Unreadable:
            password = ""
    names = ("imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security")
    values = {name: getattr(box, name) for name in names}
    return Account(
        address=box.address, sender=box.sender, user=box.user or box.address, password=password, **values
    )


def own_addresses() -> set[str]:
    """Addresses that are ours: a mail from one of them comes from no client."""
    return set(Mailbox.objects.values_list("address", flat=True))


def box_of_address(address: str) -> Mailbox | None:
    return Mailbox.objects.filter(address=address.strip().lower()).first()


def box_for(person: Any, *, branch_id: int | None, centre_id: int | None) -> Mailbox | None:
    """Where a first mail to a client goes out from: the writer's own mailbox, else that of the centre, of the branch,
    of the company."""
    rows = list(Mailbox.objects.filter(is_active=True, person=person)) if person is not None else []
    if not rows:
        shared = Mailbox.objects.filter(is_active=True, person=None)
        rows = list(shared.filter(centre_id=centre_id)) if centre_id else []
        rows = rows or (list(shared.filter(branch_id=branch_id)) if branch_id else [])
        rows = rows or list(shared.filter(centre=None, branch=None))
    return rows[0] if rows else None


def branch_of(person: Any) -> Branch | None:
    """Where the person works: an agent's branch, or that of the placement."""
    agent = Agent.objects.filter(user_id=person.pk).select_related("branch").first()
    if agent is not None:
        return agent.branch
    placement = Placement.objects.filter(user_id=person.pk).select_related("branch").first()
    return placement.branch if placement else None


def values_for(person: Any, branch: Branch | None) -> dict[str, str]:
    """What the variables of a signature are."""
    agent = Agent.objects.filter(user_id=person.pk).first() if person is not None else None
    return {
        "person_name": str(person or ""),
        "person_phone": format_phone(agent.phone) if agent and agent.phone else "",
        "person_email": (agent.email if agent and agent.email else person.email) if person else "",
        "branch": branch.name if branch else "",
        "branch_city": branch.city if branch else "",
        "branch_phone": format_phone(branch.phone) if branch and branch.phone else "",
        "company": settings.COMPANY_NAME,
        "short_number": settings.SHORT_NUMBER,
    }


def with_signature(text: str, *, person: Any, box: Mailbox | None) -> str:
    """``text`` signed by the person, then by the mailbox or else by the branch. Three to six statements."""
    branch = (box.branch if box else None) or (branch_of(person) if person is not None else None)
    values = values_for(person, branch)
    own = Signature.objects.filter(person=person).first() if person is not None else None
    place = box.signature if box and box.signature else ""
    if not place and branch is not None:
        of_branch = Signature.objects.filter(branch=branch).first()
        place = of_branch.text if of_branch else ""
    return signed(text, filled(own.text, values) if own else "", filled(place, values))

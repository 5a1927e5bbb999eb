"""A client holds the class to be wrong: gathered with documents, sent, answered; the class follows the answer."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.bonus_malus.drivers import keys_of
from clientela.modules.bonus_malus.events import DisputeMoved
from clientela.modules.bonus_malus.models import Dispute, Lookup, RegistryEntry
from clientela.modules.bonus_malus.operations.asking import tell
from clientela.modules.bonus_malus.rules import CLASSES, season_of
from clientela.modules.clients.models import Attachment, Client
from clientela.modules.clients.queries import require

State = Dispute.State


class NotDisputable(Refusal):
    """There is nothing to dispute, or it is disputed already."""

    field = "claimed_klass"

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


class DisputeClosed(Refusal):
    """The dispute has moved on meanwhile."""

    message = _("This dispute has moved on meanwhile. Look at it again.")


@transaction.atomic
def open_dispute(
    *, actor: Any, now: datetime, client: Client, lookup: Lookup, claimed_klass: str, reason: str,
    documents: Iterable[Attachment] = (),
) -> Dispute:  # fmt: skip
    """Write down what the client says of the class. Raises ``NotDisputable``, ``NotAllowed``."""
    require(actor, Permission.CLIENTS_WRITE, client.pk)
    if lookup.client_id != client.pk:
        raise NotDisputable(_("This class is another client's."))
    if not lookup.is_known:
        raise NotDisputable(_("The class is not known yet: there is nothing to dispute."))
    if claimed_klass not in CLASSES or claimed_klass == lookup.klass:
        raise NotDisputable(_("Choose the class the client holds to be right; it must be another one."))
    try:
        with transaction.atomic():
            dispute = Dispute.objects.create(
                client=client, lookup=lookup, klass=lookup.klass, claimed_klass=claimed_klass, reason=reason.strip()[:500],
                created_by=actor, created_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise NotDisputable(_("This class is disputed already.")) from None
    dispute.documents.set([one for one in documents if one.client_id == client.pk])
    changes = {"class": [lookup.klass, claimed_klass]}
    _note(dispute, "class_dispute.opened", actor=actor, now=now, changes=changes, reason=dispute.reason)
    return dispute


@transaction.atomic
def add_documents(*, actor: Any, now: datetime, dispute: Dispute, documents: Iterable[Attachment]) -> Dispute:
    """Put more of the client's files to an open dispute. Raises ``DisputeClosed``."""
    dispute = _locked(actor, dispute, {State.NEW, State.SENT})
    added = [one for one in documents if one.client_id == dispute.client_id]
    dispute.documents.add(*added)
    names = [one.name for one in added]
    _note(dispute, "class_dispute.documents", actor=actor, now=now, changes={"documents": [[], names]})
    return dispute


@transaction.atomic
def send_dispute(*, actor: Any, now: datetime, dispute: Dispute) -> Dispute:
    """It went to the registry. Raises ``DisputeClosed``."""
    dispute = _locked(actor, dispute, {State.NEW})
    return _moved(dispute, State.SENT, "class_dispute.sent", actor=actor, now=now, sent_at=now)


@transaction.atomic
def answer_dispute(
    *, actor: Any, now: datetime, dispute: Dispute, klass: str, answer: str = ""
) -> Dispute:  # fmt: skip
    """What the registry said: another class corrects ours at once, the same one confirms it.

    Raises ``DisputeClosed``, ``NotDisputable``.
    """
    dispute = _locked(actor, dispute, {State.SENT})
    if klass not in CLASSES:
        raise NotDisputable(_("Choose the class that the registry named."))
    corrected = klass != dispute.klass
    if corrected:
        lookup = Lookup.objects.select_for_update().get(pk=dispute.lookup_id)
        tell(lookup, klass=klass, found_by=Lookup.FoundBy.DISPUTE, previous=dispute.klass, now=now)
        _correct_registry(lookup, klass)
    return _moved(
        dispute, State.CORRECTED if corrected else State.REFUSED, "class_dispute.answered", actor=actor, now=now,
        answered_klass=klass, answered_at=now, answer=answer.strip()[:500],
    )  # fmt: skip


@transaction.atomic
def withdraw_dispute(*, actor: Any, now: datetime, dispute: Dispute, reason: str = "") -> Dispute:
    """The client holds the class to be right after all. Raises ``DisputeClosed``."""
    dispute = _locked(actor, dispute, {State.NEW, State.SENT})
    return _moved(
        dispute, State.WITHDRAWN, "class_dispute.withdrawn", actor=actor, now=now, answer=reason.strip()[:500]
    )


def _locked(actor: Any, dispute: Dispute, states: set[State]) -> Dispute:
    require(actor, Permission.CLIENTS_WRITE, dispute.client_id)
    row = Dispute.objects.select_for_update().select_related("lookup").get(pk=dispute.pk)
    if row.state not in states:
        raise DisputeClosed
    return row


def _moved(
    dispute: Dispute, state: State, action: str, *, actor: Any, now: datetime, **values: Any
) -> Dispute:
    before, dispute.state = dispute.state, state
    dispute.version += 1
    for name, value in values.items():
        setattr(dispute, name, value)
    dispute.save()
    changes: dict[str, Any] = {"state": [before, state]}
    if klass := values.get("answered_klass"):
        changes["class"] = [dispute.klass, klass]
    _note(dispute, action, actor=actor, now=now, changes=changes, reason=values.get("answer", ""))
    return dispute


def _note(
    dispute: Dispute, action: str, *, actor: Any, now: datetime, changes: dict[str, Any], reason: str = ""
) -> None:
    record(actor=actor, now=now, action=action, obj=dispute, changes=changes, reason=reason)
    publish(DisputeMoved(dispute.pk, dispute.client_id, dispute.state), now=now)


def _correct_registry(lookup: Lookup, klass: str) -> None:
    """The local registry learns it too, under every key of the driver that it knows."""
    keys = [key.digest for _name, key in keys_of(lookup.driver)]
    since: date = season_of(lookup.on)
    RegistryEntry.objects.filter(key__in=keys).update(klass=klass, since=since)

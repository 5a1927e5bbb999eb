"""A mailing from its list to the post: begun, approved by another, made by a job, handed over or taken back."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.operations import ask, enqueue
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.clients.models import Client
from clientela.modules.contacts.events import MessageStateChanged
from clientela.modules.contacts.models import Channel, Message, Template
from clientela.modules.letters.models import Letter, Mailing
from clientela.modules.letters.rules import NoSuchWindow, window_of
from clientela.modules.renewals.models import Renewal

KIND, ORIGIN = "letters.make", "letters.letter"
MOST, CHUNK = 20_000, 1000
State = Mailing.State


class NotALetter(Refusal):
    """The template is for another channel or not in force."""

    message = _("Choose the text of a letter that is approved.")
    field = "template"


class NoClients(Refusal):
    """The list is empty."""

    message = _("There is nobody in this list.")


class TooMany(Refusal):
    """More letters than one mailing takes."""

    message = _("A mailing takes at most 20,000 clients: narrow the list.")


class OwnMailing(Refusal):
    """Whoever began the mailing does not approve it."""

    message = _("Whoever began the mailing does not approve it: ask a colleague.")


class WrongMoment(Refusal):
    """The mailing is not where this act begins."""

    message = _("The mailing has gone on meanwhile: look at it again.")


class WrongWindow(Refusal):
    """No such envelope."""

    message = _("Choose an envelope.")
    field = "window"


@transaction.atomic
def begin_mailing(
    *, actor: Any, now: datetime, name: str, template: Template, clients: Iterable[int] = (),
    terms: Iterable[tuple[int, int]] = (), source: str = "", window: str = "",
) -> Mailing:  # fmt: skip
    """A mailing to ``clients``, or to those of ``terms`` (client, renewal), about the first term of each.

    Only clients whom ``actor`` sees are taken. Raises `NotALetter`, `NoClients`, `TooMany`, PermissionDenied.
    """
    ensure(actor, Permission.CLIENTS_EXPORT)
    ensure(actor, Permission.CONTACTS_WRITE)
    if template.channel != Channel.LETTER or template.state != Template.State.APPROVED:
        raise NotALetter
    try:
        window_of(window := window or settings.LETTER_WINDOW)
    except NoSuchWindow as error:
        raise WrongWindow from error
    chosen: dict[int, int | None] = dict.fromkeys(clients)
    for client_id, renewal_id in terms:
        chosen.setdefault(client_id, renewal_id)
    if len(chosen) > MOST:
        raise TooMany
    mailing = Mailing.objects.create(
        name=(name.strip() or template.name)[:120], template=template, source=source[:255], window=window, author=actor,
        created_at=now,
    )  # fmt: skip
    count = 0
    for ids in _chunks(chosen):
        seen = Client.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True)
        rows = [Letter(mailing=mailing, client_id=pk, renewal_id=chosen[pk]) for pk in seen.order_by("pk")]
        count += len(Letter.objects.bulk_create(rows))
    if not count:
        transaction.set_rollback(True)
        raise NoClients
    record(
        actor=actor, now=now, action="mailing.begun", obj=mailing, object_name=mailing.name,
        changes={"letters": [None, count], "source": [None, mailing.source]},
    )  # fmt: skip
    return mailing


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while some := list(islice(rest, CHUNK)):
        yield some


def _locked(actor: Any, mailing: Mailing, *states: str) -> Mailing:
    row = Mailing.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=mailing.pk).first()
    if row is None or row.state not in states:
        raise WrongMoment
    return row


@transaction.atomic
def approve_mailing(*, actor: Any, now: datetime, mailing: Mailing) -> Mailing:
    """Let the letters be made. Raises `OwnMailing`, `WrongMoment`, `NotALetter`, PermissionDenied."""
    ensure(actor, Permission.POLICY_WRITE)
    row = _locked(actor, mailing, State.WAITING)
    if row.author_id == actor.pk:
        raise OwnMailing
    if row.template.state != Template.State.APPROVED:
        raise NotALetter
    row.state, row.approved_by, row.approved_at = State.MAKING, actor, now
    row.job = enqueue(
        kind=KIND, title=gettext("Letters: %(name)s") % {"name": row.name}, now=now, actor=row.author,
        args={"mailing": row.pk}, total=row.letters.count(),
    )  # fmt: skip
    row.save()
    record(actor=actor, now=now, action="mailing.approved", obj=row, object_name=row.name)
    return row


@transaction.atomic
def hand_to_post(*, actor: Any, now: datetime, mailing: Mailing) -> int:
    """The letters have left the house; returns how many. One whose client asked meanwhile not to be contacted is
    marked: its pages are taken out. Raises `WrongMoment`, PermissionDenied."""
    ensure(actor, Permission.CONTACTS_WRITE)
    row = _locked(actor, mailing, State.READY)
    written = Message.objects.filter(letter__mailing=row, letter__state=Letter.State.ACCEPTED)
    going = list(
        written.filter(state=Message.State.QUEUED)
        .select_for_update(of=("self",))
        .order_by("id")
        .values_list("id", "client_id", "origin_id")
    )
    for ids in _chunks(message_id for message_id, _client, _letter in going):
        Message.objects.filter(pk__in=ids).update(state=Message.State.SENT, sent_at=now)
        Letter.objects.filter(message_id__in=ids).update(state=Letter.State.POSTED)
    row.letters.filter(state=Letter.State.ACCEPTED).update(
        state=Letter.State.WITHDRAWN, reason="do_not_contact"
    )
    row.state, row.posted_at = State.POSTED, now
    row.save(update_fields=["state", "posted_at"])
    record(
        actor=actor, now=now, action="mailing.posted", obj=row, object_name=row.name,
        changes={"letters": [None, len(going)]},
    )  # fmt: skip
    publish_all(
        [
            MessageStateChanged(message_id, client_id, ORIGIN, letter_id, Message.State.SENT)
            for message_id, client_id, letter_id in going
        ],
        now=now,
    )
    return len(going)


@transaction.atomic
def cancel_mailing(*, actor: Any, now: datetime, mailing: Mailing) -> None:
    """Take everything back while nothing has left the house. Raises `WrongMoment`, PermissionDenied."""
    ensure(actor, Permission.CONTACTS_WRITE)
    row = _locked(actor, mailing, State.WAITING, State.MAKING, State.READY)
    if row.job is not None and row.state == State.MAKING:
        ask(row.job, "cancel")
    Message.objects.filter(letter__mailing=row, state=Message.State.QUEUED).update(
        state=Message.State.DROPPED, fault="guard", detail="cancelled"
    )
    row.letters.exclude(state=Letter.State.REFUSED).update(state=Letter.State.CANCELLED, number=None)
    before, name = row.state, row.file
    row.state, row.cancelled_at, row.file = State.CANCELLED, now, ""
    row.save()
    record(
        actor=actor, now=now, action="mailing.cancelled", obj=row, object_name=row.name,
        changes={"state": [before, State.CANCELLED]},
    )  # fmt: skip
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))


def terms_of(renewals: Any) -> Iterator[tuple[int, int]]:
    """Clients with their terms, the nearest end first, of a queryset of `Renewal`."""
    rows: Any = renewals if renewals.model is Renewal else Renewal.objects.none()
    yield from rows.order_by("end_date", "id").values_list("client_id", "id")

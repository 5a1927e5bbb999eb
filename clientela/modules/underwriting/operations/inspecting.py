"""Photos from the client's phone: asked for by a link, taken one by one, handed over at the end."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.modules.contacts.models import WRITTEN, Message
from clientela.modules.contacts.operations.queueing import queue_message
from clientela.modules.underwriting.models import ChangeReferral, Inspection, Referral, Shot, View
from clientela.modules.underwriting.operations.changing import tell_change, to_decide
from clientela.modules.underwriting.operations.deciding import lock, tell
from clientela.modules.underwriting.pictures import clean
from clientela.modules.underwriting.queries import VIEWS

ORIGIN = "underwriting.inspection"


class NotAView(Refusal):
    """Nobody asked for such a photo."""

    message = _("Such a photo is not asked for.")


class InspectionOver(Refusal):
    """The photos were handed over, or the decision was made."""

    message = _("The photos were handed over already. Thank you.")


@transaction.atomic
def ask_inspection(
    *, actor: Any, now: datetime, referral: Referral, channel: str = "sms", views: Sequence[str] = ()
) -> tuple[Inspection, Message | None]:
    """Ask the client for photos. Without ``views`` those that belong to the thing.

    The company writes, judged by the communication policy: who underwrites need not be one who writes to clients.
    """
    row = lock(actor, referral)
    inspection = _made(_wanted(views, row.calculation.subject.get("kind", "")), actor, now, referral=row)
    row.state = Referral.State.INSPECTION
    row.save(update_fields=["state"])
    tell(row, now=now)
    return inspection, _written(inspection, channel, now)


@transaction.atomic
def ask_change_inspection(
    *, actor: Any, now: datetime, change: ChangeReferral, channel: str = "sms", views: Sequence[str] = ()
) -> tuple[Inspection, Message | None]:
    """Ask the client for photos of what a change of a policy is about; the change goes on waiting.

    Raises what ``to_decide`` refuses.
    """
    row = to_decide(actor, change)
    thing = row.policy.insured_object
    inspection = _made(_wanted(views, thing.kind if thing else ""), actor, now, change=row)
    tell_change(row, now=now)
    return inspection, _written(inspection, channel, now)


def _wanted(views: Sequence[str], kind: str) -> list[str]:
    """The views that were chosen, else those that belong to the thing."""
    usual = [view.value for view in VIEWS.get(kind, [View.PAPERS])]
    return [one for one in views if one in View.values] or usual


def _made(views: list[str], actor: Any, now: datetime, **of: Any) -> Inspection:
    token = secrets.token_urlsafe(24)
    made = Inspection.objects.create(token=token, views=views, asked_by=actor, asked_at=now, **of)
    changes = {"views": [None, views]}
    record(actor=actor, now=now, action="inspection.asked", obj=made.about, changes=changes)
    return made


def _written(inspection: Inspection, channel: str, now: datetime) -> Message | None:
    """The link on its way; nothing where it is handed over by hand."""
    if channel not in WRITTEN:
        return None
    client = inspection.about.client
    with override(client.language):
        values = {"greeting": client.greeting, "link": link_of(inspection)}
        subject = gettext("Photos for your policy")
        text = (
            gettext("%(greeting)s, a few photos are needed for your policy. It takes three minutes: %(link)s")
            % values
        )
    return queue_message(
        now=now, actor=None, client=client, channel=channel, subject=subject, text=text, origin=ORIGIN
    )


@transaction.atomic
def begin_inspection(*, now: datetime, referral: Referral) -> Inspection:
    """The client photographs the thing by themselves, without being asked by a person; twice it is the same one."""
    row = Referral.objects.select_for_update(of=("self",)).select_related("calculation").get(pk=referral.pk)
    known = row.inspections.first()
    if known is not None:
        return known
    inspection = _made(_wanted((), row.calculation.subject.get("kind", "")), None, now, referral=row)
    row.state = Referral.State.INSPECTION
    row.save(update_fields=["state"])
    tell(row, now=now)
    return inspection


def link_of(inspection: Inspection) -> str:
    """Where the client takes the photos."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/photos/{inspection.token}/"


def keep_shot(*, now: datetime, inspection: Inspection, view: str, file: File) -> Shot:
    """Keep one photo; sent again, the newest counts, so that a phone may repeat what a bad network cut.

    Raises ``FileRefused``, ``NotAView``, ``InspectionOver``.
    """
    if view not in inspection.views:
        raise NotAView
    made = clean(file)
    with transaction.atomic():
        row = (
            Inspection.objects.select_for_update(of=("self",))
            .select_related("referral", "change")
            .get(pk=inspection.pk)
        )
        if not row.is_open:
            raise InspectionOver
        old = Shot.objects.filter(inspection=row, view=view).first()
        shot = old or Shot(inspection=row, view=view)
        if old is not None:
            gone, storage = str(old.file.name), old.file.storage
            transaction.on_commit(lambda: storage.delete(gone))
        shot.size, shot.taken_at = len(made), now
        shot.file.save(f"{secrets.token_hex(12)}.jpg", ContentFile(made), save=False)
        shot.save()
    return shot


@transaction.atomic
def finish(*, now: datetime, inspection: Inspection) -> Inspection:
    """All wanted photos are there: the referral is back in the queue. Saying it twice changes nothing."""
    rows = Inspection.objects.select_for_update(of=("self",))
    row = rows.select_related("referral__calculation", "change__policy").get(pk=inspection.pk)
    if row.done_at is not None:
        return row
    if set(row.views) - set(row.shots.values_list("view", flat=True)):
        raise NotAView
    row.done_at = now
    row.save(update_fields=["done_at"])
    record(actor=None, now=now, action="inspection.done", obj=row.about)
    if row.change:
        tell_change(row.change, now=now)
    if referral := row.referral:
        if referral.state == Referral.State.INSPECTION:
            referral.state = Referral.State.WAITING
            referral.save(update_fields=["state"])
        tell(referral, now=now)
    return row

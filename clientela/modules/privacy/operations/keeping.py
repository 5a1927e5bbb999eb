"""What the rules of keeping do by themselves each night, and what they propose."""

import shutil
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.imports.models import Change, ImportRun, RowError
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.documents.models import Document
from clientela.modules.privacy.models import DataFile, Erasure, RetentionRule
from clientela.modules.privacy.operations.erasing import drop_files, remove
from clientela.modules.privacy.queries import in_the_way, keeping, over_for_long
from clientela.modules.privacy.rules import KEEPING, MOST_DAYS

PROPOSED = 200
DROPPED = "dropped"


class WrongRule(Refusal):
    """Not a rule, or not a time."""

    message = _("Days from 0 to 36,500.")
    field = "days"


@transaction.atomic
def set_keeping(*, actor: Any, now: datetime, code: str, days: int, acts: bool) -> RetentionRule:
    """A rule of keeping from now on. Raises ``WrongRule``, PermissionDenied."""
    ensure(actor, Permission.PRIVACY_WRITE)
    ensure(actor, Permission.ORGANISATION_WRITE)
    if code not in KEEPING or not 0 <= days <= MOST_DAYS:
        raise WrongRule
    before = keeping()[code]
    values = {"days": days, "acts": acts, "changed_by": actor, "changed_at": now}
    row, _made = RetentionRule.objects.update_or_create(code=code, defaults=values)
    changes = {"days": [before.days, days], "acts": [before.acts, acts]}
    record(actor=actor, now=now, action="retention.changed", obj=row, object_name=code, changes=changes)
    return row


def keep_no_longer(*, now: datetime) -> dict[str, int]:
    """What is over today: files go, people are proposed to be forgotten. Returns how many of each."""
    rules, today = keeping(), local_today(settings.TIME_ZONE, now)
    done = {"data_files": _expired_files(now)}
    if rules["import_files"].acts:
        done["import_files"] = drop_import_files(before=now - timedelta(days=rules["import_files"].days))
    if rules["papers"].acts:
        done["papers"] = _old_papers(today - timedelta(days=rules["papers"].days))
    for code in ("prospects", "past_clients"):
        if rules[code].acts:
            done[code] = propose(code, now=now)
    return done


def _expired_files(now: datetime) -> int:
    return remove(DataFile.objects.filter(expires_at__lte=now))


def drop_import_files(*, before: datetime) -> int:
    """Files of imports that cannot be undone any more go, with their rows and what they remember of cards."""
    states = (ImportRun.State.DONE, ImportRun.State.UNDONE, ImportRun.State.FAILED)
    runs = ImportRun.objects.filter(state__in=states, undo_until__lt=before).exclude(file="")
    found = list(runs.order_by("pk")[:PROPOSED])
    for run in found:
        names = [one.name for one in (run.file, run.errors_file) if one]
        folder = run.folder
        with transaction.atomic():
            Change.objects.filter(run=run).delete()
            RowError.objects.filter(run=run).update(value="", fixed="", subject="")
            ImportRun.objects.filter(pk=run.pk).update(file="", errors_file="", check_result={})
            drop_files(names)
        shutil.rmtree(folder, ignore_errors=True)
    return len(found)


def _old_papers(before: Any) -> int:
    """Printed contracts of erased people whose last contract ended before this day."""
    erased = Client.objects.exclude(erased_at=None).values("pk")
    ended = (
        Policy.objects.filter(client__in=erased).values("client").annotate(last=Max("end_date")).filter(last__lt=before)
    )  # fmt: skip
    papers = Document.objects.filter(client__in=ended.values("client")).exclude(file="")
    names = [one.file.name for one in papers]
    number = papers.update(file="")
    drop_files(names)
    return number


def propose(code: str, *, now: datetime) -> int:
    """Requests to forget people whom a rule names; a person confirms each. At most two hundred a night."""
    today, made = local_today(settings.TIME_ZONE, now), 0
    for client in over_for_long(code, today=today).order_by("pk")[:PROPOSED]:
        if not in_the_way(client, now=now):
            Erasure.objects.create(client_card=client.pk, reason=Erasure.Reason.RETENTION, asked_at=now)
            made += 1
    return made

"""The client writes a notice by themselves: kept as it grows, made a claim once."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.claims.models import Claim, ClaimPhoto, Notice, View
from clientela.modules.claims.operations.photos import NotAView, store
from clientela.modules.claims.operations.reporting import open_claim
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.underwriting.pictures import clean

KEPT = timedelta(days=30)
LONGEST = 4000


class NoticeMade(Refusal):
    """The notice was sent already."""

    message = _("This notice was sent already.")


@transaction.atomic
def notice_of(*, now: datetime, client: Client) -> Notice:
    """The notice this client is writing, or a new one; two pages at once write the same."""
    Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    known = Notice.objects.filter(client=client, claim=None).order_by("-pk").first()
    return known or Notice.objects.create(
        key=secrets.token_urlsafe(24), client=client, created_at=now, touched_at=now
    )


def _open(notice: Notice) -> Notice:
    row = Notice.objects.select_for_update().get(pk=notice.pk)
    if row.claim_id is not None:
        raise NoticeMade
    return row


@transaction.atomic
def keep_answers(*, now: datetime, notice: Notice, answers: dict[str, str]) -> Notice:
    """Keep what was typed, right or not. Raises ``NoticeMade``."""
    row = _open(notice)
    row.answers |= {key: value.replace("\x00", "")[:LONGEST] for key, value in answers.items()}
    row.touched_at = now
    row.save(update_fields=["answers", "touched_at"])
    return row


def keep_notice_photo(*, now: datetime, notice: Notice, view: str, file: File) -> ClaimPhoto:
    """Keep a photo of a notice. Raises ``FileRefused``, ``NotAView``, ``TooManyPhotos``, ``NoticeMade``."""
    if view not in View.values:
        raise NotAView
    made = clean(file)
    with transaction.atomic():
        row = _open(notice)
        row.touched_at = now
        row.save(update_fields=["touched_at"])
        return store(row, now=now, view=view, made=made)


@transaction.atomic
def drop_photo(*, now: datetime, notice: Notice, photo: ClaimPhoto) -> None:
    """The client does not want to send this photo. Raises ``NoticeMade``."""
    row = _open(notice)
    for one in row.photos.filter(pk=photo.pk):
        _delete(one)
    row.touched_at = now
    row.save(update_fields=["touched_at"])


def _delete(photo: ClaimPhoto) -> None:
    name, storage = str(photo.file.name), photo.file.storage
    photo.delete()
    transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def send_notice(*, now: datetime, notice: Notice, policy: Policy, **told: Any) -> Claim:
    """Make the claim, with the photos of the notice; sent twice it is the same claim. Raises what ``open_claim`` does."""
    row = Notice.objects.select_for_update(of=("self",)).select_related("claim").get(pk=notice.pk)
    if row.claim is not None:
        return row.claim
    claim = open_claim(
        actor=None, now=now, policy=policy, channel=Claim.Channel.PORTAL, notice_key=row.key, **told
    )
    row.photos.update(claim=claim)
    row.claim, row.answers, row.touched_at = claim, {}, now
    row.save(update_fields=["claim", "answers", "touched_at"])
    return claim


def forget_notices(*, now: datetime) -> int:
    """Delete notices nobody has gone on with for a month, with their photos."""
    gone = 0
    for notice in Notice.objects.filter(claim=None, touched_at__lt=now - KEPT)[:500]:
        with transaction.atomic():
            for photo in notice.photos.all():
                _delete(photo)
            notice.delete()
        gone += 1
    return gone

"""Photos of a claim, from the client's phone or from a colleague: cleaned, kept once, private."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.claims.events import ClaimMoved
from clientela.modules.claims.models import Claim, ClaimPhoto, Notice, View
from clientela.modules.claims.operations.deciding import AlreadySettled
from clientela.modules.clients.queries import require
from clientela.modules.underwriting.pictures import clean

MOST = 40


class TooManyPhotos(Refusal):
    """A claim keeps at most ``MOST``."""

    message = _("There are forty photos already: the rest goes to your specialist by e-mail.")
    field = "photo"


class NotAView(Refusal):
    """Nobody asked for such a photo."""

    message = _("Such a photo is not asked for.")
    field = "photo"


def store(owner: Claim | Notice, *, now: datetime, view: str, made: bytes) -> ClaimPhoto:
    """Keep a cleaned photo; the very same one twice is one. Called with ``owner`` locked."""
    digest = hashlib.sha256(made).hexdigest()
    known = owner.photos.filter(digest=digest).first()
    if known is not None:
        return known
    if owner.photos.count() >= MOST:
        raise TooManyPhotos
    which = {"claim": owner} if isinstance(owner, Claim) else {"notice": owner}
    photo = ClaimPhoto(**which, view=view, size=len(made), digest=digest, taken_at=now)
    photo.file.save(f"{secrets.token_hex(12)}.jpg", ContentFile(made), save=False)
    photo.save()
    return photo


def keep_photo(*, actor: Any, now: datetime, claim: Claim, view: str, file: File) -> ClaimPhoto:
    """Add a photo to a claim that is not decided yet.

    Raises ``FileRefused``, ``NotAView``, ``TooManyPhotos``, ``AlreadySettled``, ``PermissionDenied``.
    """
    require(actor, Permission.CLAIMS_WRITE, claim.client_id)
    if view not in View.values:
        raise NotAView
    made = clean(file)
    with transaction.atomic():
        row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
        if not row.is_undecided:
            raise AlreadySettled
        photo = store(row, now=now, view=view, made=made)
        publish(ClaimMoved(row.pk, row.policy_id, row.client_id, row.status), now=now)
    return photo

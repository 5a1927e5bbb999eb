"""What a visitor tells is kept step by step; the actor is always the visitor, whom nobody knows."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.products.models import Product
from clientela.portal.shop.consents import DOCUMENTS
from clientela.portal.shop.models import Purchase

KEPT_FOR = timedelta(days=14)


class NotConfirmed(Refusal):
    """The phone was not confirmed."""

    message = _("Confirm your phone by the code first.")


def begin(*, now: datetime, product: Product, line: str) -> Purchase:
    """A new purchase with a secret of its own."""
    return Purchase.objects.create(
        token=secrets.token_urlsafe(32), product=product, line=line, language=(get_language() or "ru")[:2],
        created_at=now, touched_at=now, expires_at=now + KEPT_FOR,
    )  # fmt: skip


@transaction.atomic
def keep(*, now: datetime, purchase: Purchase, step: str, **values: Any) -> Purchase:
    """Keep what a step told. An ordered purchase becomes open again: its price is counted anew."""
    row = lock(purchase)
    for name, value in values.items():
        setattr(row, name, value)
    row.done = [*row.done, step] if step not in row.done else row.done
    row.touched_at, row.expires_at = now, now + KEPT_FOR
    row.save()
    return row


def lock(purchase: Purchase) -> Purchase:
    """The purchase as it is now, held until the transaction ends."""
    rows = Purchase.objects.select_for_update(of=("self",)).select_related("product", "client", "calculation")
    return rows.get(pk=purchase.pk)


@transaction.atomic
def keep_person(
    *, now: datetime, purchase: Purchase, person: Mapping[str, str], agreed: Sequence[str]
) -> Purchase:
    """Who buys, and which texts they agreed to, each with its version and moment."""
    consents = {
        kind: purchase.consents.get(kind) or {"version": DOCUMENTS[kind].version, "at": now.isoformat()}
        for kind in agreed
    }
    return keep(now=now, purchase=purchase, step="you", person=dict(person), consents=consents)


@transaction.atomic
def keep_people(*, now: datetime, purchase: Purchase, step: str, **values: Any) -> Purchase:
    """Who drives or travels; naming them is agreed to with the version of the text."""
    given = {"version": DOCUMENTS["personal"].version, "at": now.isoformat()}
    return keep(
        now=now, purchase=purchase, step=step, consents={"personal": given} | purchase.consents, **values
    )


def link_of(purchase: Purchase) -> str:
    """Where the purchase goes on, for an SMS or an e-mail."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/shop/go/{purchase.token}/"

"""How records are called in the chat, and where they are."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from clientela.foundation.bulk import listed
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.products.queries import name_of
from clientela.modules.renewals.models import Renewal

Titles = dict[int, tuple[str, str]]


def of_clients(ids: Iterable[int]) -> Titles:
    rows = Client.objects.filter(pk__in=listed(ids))
    return {row.pk: (row.name, reverse("clients:card", args=[row.pk])) for row in rows}


def of_policies(ids: Iterable[int]) -> Titles:
    rows = Policy.objects.filter(pk__in=listed(ids)).select_related("product", "client")
    return {
        row.pk: (
            f"{name_of(row.product)} {row.number} · {row.client.name}",
            reverse("clients:policy", args=[row.pk]),
        )
        for row in rows
    }


def of_renewals(ids: Iterable[int]) -> Titles:
    rows = Renewal.objects.filter(pk__in=listed(ids)).select_related("product", "client")
    return {
        row.pk: (
            _("Renewal: %(name)s, %(product)s") % {"name": row.client.name, "product": name_of(row.product)},
            reverse("renewals:term", args=[row.pk]),
        )
        for row in rows
    }


def of_claims(ids: Iterable[int]) -> Titles:
    rows = Claim.objects.filter(pk__in=listed(ids)).select_related("client")
    return {
        row.pk: (
            _("Claim %(number)s · %(name)s") % {"number": row.number, "name": row.client.name},
            reverse("clients:card", args=[row.client_id]),
        )
        for row in rows
    }

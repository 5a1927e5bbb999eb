"""Reading classes: of a client, of a driver, and what our cards know of a client as a driver."""

from datetime import date
from decimal import Decimal

from django.db.models import F

from clientela.modules.bonus_malus.drivers import Driver
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.clients.models import Client, IdentityDocument
from clientela.modules.rating.queries import kbm_values


def driver_of(client: Client, *, previous_licence: str = "", previous_last_name: str = "") -> Driver | None:
    """The client as a driver; None for a company or without a birth date.

    The licence issued last counts, the one before it is the previous one unless another is named.
    """
    if client.kind != Client.Kind.PERSON or client.birth_date is None:
        return None
    papers = IdentityDocument.objects.filter(client=client, kind=IdentityDocument.Kind.LICENCE)
    order = (F("issued_on").desc(nulls_last=True), "-pk")
    numbers = [*papers.order_by(*order).values_list("number", flat=True)[:2], "", ""]
    return Driver(
        client.last_name, client.first_name, client.middle_name, client.birth_date, numbers[0],
        previous_licence or numbers[1], previous_last_name,
    )  # fmt: skip


def class_of(client_id: int) -> Lookup | None:
    """The newest answer about this client, known or awaited."""
    return Lookup.objects.filter(client=client_id).order_by("-on", "-id").first()


def known_class(driver_key: str) -> Lookup | None:
    """The newest class known of this driver, whatever day it was asked for."""
    found = Lookup.objects.filter(driver_key=driver_key, state=Lookup.State.KNOWN)
    return found.order_by("-on").first()


def value_of(klass: str, on: date) -> Decimal | None:
    """The coefficient of a class by the tariff that counts on ``on``; ``None`` where there is no such tariff."""
    return kbm_values(on).get(klass)

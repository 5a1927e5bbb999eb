"""Which consents let facts of a company be taken and kept."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Consent, Purpose
from clientela.modules.group.models import ConsentDocument, SisterCompany


def in_force(now: datetime) -> "QuerySet[Consent]":
    """Consents to the use of group data that hold; of people who may not be contacted none does."""
    return Consent.objects.filter(
        purpose=Purpose.GROUP_DATA,
        granted_at__lte=now,
        withdrawn_at__isnull=True,
        client__do_not_contact=False,
    )


def covered(client_ids: Iterable[int], company: SisterCompany, *, now: datetime) -> dict[int, int]:
    """Client → the consent under which this company's facts about them may be taken now."""
    versions = ConsentDocument.objects.filter(companies=company).values("version")
    rows = in_force(now).filter(client_id__in=listed(client_ids), text_version__in=versions)
    return dict(rows.order_by("-pk").values_list("client_id", "pk"))


def consent_of(client: Client, *, now: datetime) -> Consent | None:
    """The consent of one client that holds."""
    return in_force(now).filter(client=client).order_by("pk").last()


def document_of(consent: Consent | None) -> ConsentDocument | None:
    """What the client agreed to."""
    if consent is None:
        return None
    return ConsentDocument.objects.prefetch_related("companies").filter(version=consent.text_version).first()


def newest_document() -> ConsentDocument | None:
    """What a client is asked to agree to today; None while nothing is set up."""
    return ConsentDocument.objects.prefetch_related("companies").order_by("-since", "-pk").first()

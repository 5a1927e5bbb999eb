"""The documents of a sale: which are there, which must be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.clients.models import Client, IdentityDocument
from clientela.modules.contacts.models import Consent
from clientela.modules.contracts.models import Project
from clientela.modules.documents.models import Document, SignRequest
from clientela.modules.documents.operations.signing import link_of
from clientela.modules.quotes.models import Calculation
from clientela.workspace.quotes.words import drives

Kind = IdentityDocument.Kind


@dataclass(frozen=True)
class Paper:
    """A document; ``state`` is ready, check or lacking, ``act`` what mends it: consent, passport, drivers."""

    name: str
    note: str
    state: str
    act: str = ""

    @property
    def is_ready(self) -> bool:
        return self.state == "ready"


@dataclass(frozen=True)
class Application:
    """The application of a prepared contract: its newest file, and the newest request to sign that."""

    document: Document | None
    signature: SignRequest | None
    waits: bool

    @property
    def link(self) -> str:
        """The client's page, while it may be signed."""
        return link_of(self.signature) if self.signature and self.waits else ""

    @property
    def state(self) -> str:
        """absent, making, failed, outdated, ready, waits, signed."""
        if self.document is None:
            return "absent"
        if self.document.state != Document.State.READY:
            return str(self.document.state)
        if self.document.is_outdated:
            return "outdated"
        if self.signature and self.signature.state == SignRequest.State.SIGNED:
            return "signed"
        return "waits" if self.waits else "ready"


def application_of(project: Project, now: datetime) -> Application:
    """How far it is."""
    document = Document.objects.select_related("project").filter(project=project, kind="application").first()
    asked = SignRequest.objects.filter(papers__document=document).first() if document else None
    return Application(document, asked, asked is not None and asked.is_open(now))


def papers_of(calculation: Calculation, known: Sequence[IdentityDocument], today: date) -> list[Paper]:
    """Consent, passport and licences; one statement besides the client's own documents."""
    found = [_consent(calculation.client)]
    own = {paper.kind: paper for paper in reversed(known)}
    if calculation.client.kind == Client.Kind.PERSON:
        passport = own.get(Kind.PASSPORT)
        if passport is None:
            found.append(Paper(_("Passport"), _("no passport on the card"), "lacking", "passport"))
        else:
            found.append(Paper(_("Passport"), _until(passport), _state(passport, today), "passport"))
    if drives(calculation):
        found += _licences(calculation, own, today)
    return found


def _licences(calculation: Calculation, own: dict[str, IdentityDocument], today: date) -> list[Paper]:
    found = []
    for person in calculation.drivers:
        name = _("Licence: %(name)s") % {"name": person.get("first_name") or person["name"]}
        paper = own.get(Kind.LICENCE) if person.get("client_id") == calculation.client_id else None
        if paper is not None:
            found.append(Paper(name, _until(paper), _state(paper, today)))
        else:
            note = _("known by its number") if person.get("licence") else _("the number is not known")
            found.append(Paper(name, note, "ready" if person.get("licence") else "lacking", "drivers"))
    return found


def _consent(client: Client) -> Paper:
    name = _("Consent to the use of data")
    given = (
        Consent.objects.filter(client=client, purpose="service", withdrawn_at=None)
        .order_by("granted_at")
        .first()
    )
    if given is None:
        return Paper(name, _("not given yet"), "lacking", "consent")
    day = formats.full_date(given.granted_at.date(), language())
    return Paper(name, _("%(day)s, in force") % {"day": day}, "ready")


def _until(paper: IdentityDocument) -> str:
    if paper.valid_until is None:
        return _("known by its number")
    return _("until %(day)s") % {"day": formats.full_date(paper.valid_until, language())}


def _state(paper: IdentityDocument, today: date) -> str:
    if paper.valid_until is None:
        return "ready"
    return (
        "lacking"
        if paper.valid_until < today
        else "check"
        if (paper.valid_until - today).days < 60
        else "ready"
    )

"""What sister companies told of a client, on their card, and the client's word on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import record_read
from clientela.modules.contacts.models import Consent
from clientela.modules.group.operations import consents
from clientela.modules.group.queries.consents import consent_of, document_of, newest_document
from clientela.modules.group.queries.facts import known_of
from clientela.modules.group.queries.shown import value_of
from clientela.workspace.clients.views.acting import Act, act
from clientela.workspace.clients.views.found import client_of, posted
from clientela.workspace.group.forms import AgreeForm, WithdrawForm

AGREE = requires(Permission.CONTACTS_WRITE)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


@require_safe
@requires(Permission.GROUP_READ)
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """The section of the card; facts that are shown are journalled as read."""
    client, now = client_of(request, pk), timezone.now()
    known = known_of(client, now=now)
    consent = consent_of(client, now=now)
    if known:
        record_read(
            actor=request.user,
            now=now,
            client=client,
            address=request.META.get("REMOTE_ADDR") or None,
            part="group",
        )
    context = {
        "client": client, "consent": consent, "document": document_of(consent), "newest": newest_document(),
        "rows": [{"known": one, "value": value_of(one.fact)} for one in known],
        "may_agree": caller(request).can(Permission.CONTACTS_WRITE) and not client.do_not_contact,
    }  # fmt: skip
    return render(request, "group/card.html", context)


@AGREE
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """The client agrees, in the office or by phone."""
    client = client_of(request, pk)
    form = AgreeForm(posted(request))

    def run(data: dict[str, Any]) -> Consent:
        return consents.give_consent(**_who(request), client=client, **data)

    said = Act(_("Consent to group data"), _("Keep the consent"), _("Consent kept"), run, _intro())
    return act(request, form, said, client=client)


def _intro() -> str:
    document = newest_document()
    if document is None:
        return _("There is no text of the consent yet.")
    names = ", ".join(one.name for one in document.companies.all())
    values = {
        "companies": names,
        "version": document.version,
        "day": formats.full_date(document.since, language()),
    }
    return _("Read the text to the client. Version %(version)s of %(day)s names: %(companies)s.") % values


@AGREE
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The client takes it back."""
    client: Client = client_of(request, pk)
    form = WithdrawForm(posted(request))

    def run(data: dict[str, Any]) -> int:
        return consents.take_back(**_who(request), client=client, **data)

    intro = _(
        "Everything that sister companies told of this client, and all made of it, is removed at once. It cannot be brought back."
    )
    said = Act(
        _("The client takes the consent back"),
        _("Remove the data"),
        _("The data is removed"),
        run,
        intro,
        danger=True,
    )
    return act(request, form, said, client=client)

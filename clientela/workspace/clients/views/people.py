"""Acts on the person: contacts, consents, notes, tags, documents, files."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from clientela.foundation.ids import ids_of
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients import operations
from clientela.modules.clients.models import Attachment, Client, ContactPoint, Note, Tag
from clientela.modules.contacts.models import Consent, Purpose
from clientela.modules.contacts.operations.consents import grant_consent, withdraw_consent
from clientela.workspace.clients import forms
from clientela.workspace.clients.consent_words import consent_name
from clientela.workspace.clients.views.acting import Act, act, done
from clientela.workspace.clients.views.card import address_of
from clientela.workspace.clients.views.found import (
    client_of,
    contact_of,
    document_of,
    file_of,
    note_of,
    posted,
)

WRITE = requires(Permission.CLIENTS_WRITE)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


@WRITE
def add_contact(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_of(request, pk)
    form = forms.ContactForm(posted(request), initial={"kind": request.GET.get("kind", "phone")})

    def run(data: dict[str, Any]) -> ContactPoint:
        primary = data.pop("is_primary") or None
        return operations.add_contact_point(**_who(request), client=client, is_primary=primary, **data)

    said = Act(_("New contact"), _("Add"), _("Contact added"), run)
    return act(request, form, said, client=client)


@WRITE
def edit_contact(request: HttpRequest, pk: int) -> HttpResponse:
    point = contact_of(request, pk)
    initial = {"label": point.label, "is_primary": point.is_primary, "do_not_use": point.do_not_use}
    form = forms.ContactEditForm(posted(request), initial=initial)

    def run(data: dict[str, Any]) -> ContactPoint:
        return operations.update_contact_point(**_who(request), contact_point=point, **data)

    said = Act(point.value, _("Save"), _("Contact saved"), run)
    return act(request, form, said, client=point.client)


@WRITE
@require_POST
def verify_contact(request: HttpRequest, pk: int) -> HttpResponse:
    point = contact_of(request, pk)
    operations.verify_contact_point(**_who(request), contact_point=point)
    return done(request, point.client, _("Contact verified"))


@WRITE
@require_POST
def remove_contact(request: HttpRequest, pk: int) -> HttpResponse:
    point = contact_of(request, pk)
    operations.remove_contact_point(**_who(request), contact_point=point)
    return done(request, point.client, _("Contact removed"))


@requires(Permission.CONTACTS_WRITE)
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """A consent that the client gives now."""
    client = client_of(request, pk)
    form = forms.ConsentForm(posted(request))

    def run(data: dict[str, Any]) -> Consent:
        return grant_consent(**_who(request), client=client, **data)

    intro = _("Each consent is a document of its own: one purpose, one channel.")
    said = Act(_("New consent"), _("Keep the consent"), _("Consent kept"), run, intro)
    return act(request, form, said, client=client)


@requires(Permission.CONTACTS_WRITE, Permission.CLIENTS_WRITE)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """The client asks to stop: consents are withdrawn, or nobody may contact them at all."""
    client = client_of(request, pk)
    in_force = Consent.objects.filter(client=client, withdrawn_at__isnull=True).order_by("id")
    choices = [(f"{row.purpose}/{row.channel}", consent_name(row.purpose, row.channel)) for row in in_force]
    form = forms.StopForm(posted(request), consents=choices, initial={"everything": client.do_not_contact})

    def run(data: dict[str, Any]) -> None:
        for one in data["scope"]:
            purpose, channel = one.split("/")
            withdraw_consent(
                **_who(request), client=client, purpose=Purpose(purpose), channel=channel, via="staff"
            )
        if data["everything"]:
            operations.set_do_not_contact(**_who(request), client=client, value=True, reason=data["reason"])

    intro = _("What waits to be sent under it is stopped at once.")
    said = Act(_("The client asks to stop"), _("Stop"), _("Stopped"), run, intro, danger=True)
    return act(request, form, said, client=client)


@WRITE
@require_POST
def allow(request: HttpRequest, pk: int) -> HttpResponse:
    """Clear the do-not-contact mark. Consents that were withdrawn stay withdrawn."""
    client = client_of(request, pk)
    operations.set_do_not_contact(**_who(request), client=client, value=False)
    return done(request, client, _("The client may be contacted again"))


@WRITE
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_of(request, pk)
    operations.confirm_data(**_who(request), client=client)
    return done(request, client, _("Data confirmed today"))


@WRITE
def note(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_of(request, pk)
    form = forms.NoteForm(posted(request))

    def run(data: dict[str, Any]) -> Note:
        return operations.add_note(**_who(request), client=client, text=data["text"])

    return act(request, form, Act(_("New note"), _("Save"), _("Note saved"), run), client=client)


@WRITE
@require_POST
def delete_note(request: HttpRequest, pk: int) -> HttpResponse:
    found = note_of(request, pk)
    operations.delete_note(**_who(request), note=found)
    undo = reverse("clients:note_back", args=[found.pk])
    return done(request, found.client, _("Note deleted"), undo_url=undo)


@WRITE
@require_POST
def restore_note(request: HttpRequest, pk: int) -> HttpResponse:
    found = note_of(request, pk)
    operations.restore_note(**_who(request), note=found)
    return done(request, found.client, _("Note brought back"))


@WRITE
def tags(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_of(request, pk)
    names = ", ".join(client.tags.values_list("name", flat=True))
    form = forms.TagsForm(posted(request), initial={"names": names})

    def run(data: dict[str, Any]) -> Any:
        return operations.set_tags(**_who(request), client=client, names=data["names"])

    return act(request, form, Act(_("Tags"), _("Save"), _("Tags saved"), run), client=client)


@WRITE
def tag_many(request: HttpRequest) -> HttpResponse:
    """One tag for the clients chosen in a list."""
    ids = ids_of(request.POST.getlist("ids") or request.GET.getlist("ids"), most=5000)
    form = forms.TagForm(request.POST if "name" in request.POST else None)
    known = Tag.objects.values_list("name", flat=True)[:200]
    context = {"form": form, "ids": ids, "known": known}
    if request.method == "POST" and form.is_valid():
        fresh = operations.add_tag_to_all(**_who(request), client_ids=ids, name=form.cleaned_data["name"])
        told = ngettext("%(n)s client tagged", "%(n)s clients tagged", len(fresh)) % {"n": len(fresh)}
        return list_done(request, told)
    return render(request, "clients/tag_many.html", context, status=422 if form.errors else 200)


def list_done(request: HttpRequest, text: str) -> HttpResponse:
    """Back to the list after an act on many."""
    messages.success(request, text)
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse(status=204)
        response.headers["HX-Refresh"] = "true"
        return response
    return redirect("clients:list")


@WRITE
def document(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_of(request, pk)
    form = forms.DocumentForm(posted(request), initial={"kind": request.GET.get("kind", "passport")})

    def run(data: dict[str, Any]) -> Any:
        return operations.add_document(**_who(request), client=client, **data)

    said = Act(_("New document"), _("Save"), _("Document kept"), run)
    return act(request, form, said, client=client)


@requires(Permission.CLIENTS_READ)
def show_document(request: HttpRequest, pk: int) -> HttpResponse:
    """The number of a document in full; asking for it is journalled."""
    found = document_of(request, pk)
    operations.record_read(
        actor=request.user,
        now=timezone.now(),
        client=found.client,
        address=address_of(request),
        part="document",
    )
    return render(request, "clients/document_number.html", {"document": found})


@WRITE
@require_POST
def remove_document(request: HttpRequest, pk: int) -> HttpResponse:
    found = document_of(request, pk)
    operations.remove_document(**_who(request), document=found)
    return done(request, found.client, _("Document removed"))


@WRITE
def parent(request: HttpRequest, pk: int) -> HttpResponse:
    """The company this one belongs to, by its INN or the beginning of its name; empty: to none."""
    client = client_of(request, pk)
    above = Client.objects.visible_to(request.user).filter(subsidiaries__company=client).first()
    now_in = (above.inn or above.name) if above else ""
    form = forms.ParentForm(posted(request), initial={"parent": now_in}, user=request.user)

    def run(data: dict[str, Any]) -> Any:
        return operations.set_parent(**_who(request), company=client, parent=data["parent"])

    intro = _("The holding is shown on the cards of all its companies.")
    return act(request, form, Act(_("Holding"), _("Save"), _("Holding saved"), run, intro), client=client)


@WRITE
def file(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_of(request, pk)
    form = forms.FileForm(posted(request), request.FILES or None)

    def run(data: dict[str, Any]) -> Attachment:
        upload = data["file"]
        return operations.attach_file(**_who(request), client=client, file=upload, name=upload.name)

    said = Act(_("New file"), _("Attach"), _("File attached"), run, multipart=True)
    return act(request, form, said, client=client)


@requires(Permission.CLIENTS_READ)
def download(request: HttpRequest, pk: int) -> FileResponse:
    found = file_of(request, pk)
    return FileResponse(found.file.open("rb"), as_attachment=True, filename=found.name)


@WRITE
@require_POST
def remove_file(request: HttpRequest, pk: int) -> HttpResponse:
    found = file_of(request, pk)
    operations.remove_file(**_who(request), attachment=found)
    return done(request, found.client, _("File removed"))


@WRITE
def address(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_of(request, pk)
    old = (
        client.addresses.filter(kind="living").first()
        or client.addresses.order_by("-is_primary", "id").first()
    )
    initial = (
        {"city": old.city, "street": old.street, "postal_code": old.postal_code}
        if old
        else {"city": client.city}
    )
    form = forms.AddressForm(posted(request), initial=initial)

    def run(data: dict[str, Any]) -> Any:
        return operations.set_address(**_who(request), client=client, address=data)

    intro = _("The time zone follows the town.")
    said = Act(_("Address"), _("Save"), _("Address saved"), run, intro)
    return act(request, form, said, client=client)

"""Pages of mailboxes and signatures."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.mailboxes import operations
from clientela.modules.mailboxes.forms import MailboxForm, SignatureForm
from clientela.modules.mailboxes.models import Mailbox, Signature
from clientela.modules.mailboxes.queries import branch_of, mailboxes, values_for
from clientela.modules.mailboxes.rules import VARIABLES, filled
from clientela.modules.organisation.models import Branch


@require_safe
@requires(Permission.ORGANISATION_WRITE)
def listing(request: HttpRequest) -> HttpResponse:
    """Mailboxes, shared ones first."""
    rows = sorted(mailboxes(), key=lambda box: (box.person_id is not None, box.name.lower()))
    return render(request, "mailboxes/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def create(request: HttpRequest) -> HttpResponse:
    """A new mailbox."""
    form = MailboxForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            box = operations.add_mailbox(actor=caller(request), now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            _add(form, refusal)
        else:
            messages.success(request, _("Saved. Try the connection before it is used."))
            return redirect("mailboxes:mailbox", box.pk)
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def mailbox(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """One mailbox; a POST changes it."""
    box = get_object_or_404(mailboxes(), pk=mailbox_id)
    form = MailboxForm(request.POST or None, initial=MailboxForm.initial_of(box))
    form.fields["address"].disabled = True
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "address"}
        try:
            operations.change_mailbox(actor=caller(request), now=timezone.now(), box=box, **values)
        except Refusal as refusal:
            _add(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("mailboxes:mailbox", box.pk)
    return _page(request, form, box)


def _add(form: Any, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def _page(request: HttpRequest, form: MailboxForm, box: Mailbox | None) -> HttpResponse:
    context = {"form": form, "box": box, "variables": _variables(), "back": reverse("mailboxes:list")}
    return render(request, "mailboxes/mailbox.html", context, status=422 if form.errors else 200)


def _variables() -> list[tuple[str, Any]]:
    return [(f"{{{name}}}", about) for name, about in VARIABLES.items()]


@require_POST
@requires(Permission.ORGANISATION_WRITE)
def attempt(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Try the connection with what is saved."""
    box = get_object_or_404(mailboxes(), pk=mailbox_id)
    faults = operations.try_mailbox(actor=caller(request), now=timezone.now(), box=box)
    if faults:
        messages.error(request, " ".join(faults))
    else:
        messages.success(request, _("Both servers let us in."))
    return redirect("mailboxes:mailbox", box.pk)


@require_POST
@requires(Permission.ORGANISATION_WRITE)
def remove(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Take a mailbox away; what came by it stays."""
    operations.remove_mailbox(
        actor=caller(request), now=timezone.now(), box=get_object_or_404(Mailbox, pk=mailbox_id)
    )
    messages.success(request, _("The mailbox is removed."))
    return redirect("mailboxes:list")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CONTACTS_WRITE)
def own_signature(request: HttpRequest) -> HttpResponse:
    """What stands under the person's mails."""
    person = caller(request)
    return _signature(request, None, Signature.objects.filter(person=person).first())


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.POLICY_WRITE)
def branch_signature(request: HttpRequest, branch_id: int) -> HttpResponse:
    """What stands under the mails of everybody in a branch."""
    branch = get_object_or_404(Branch, pk=branch_id)
    return _signature(request, branch, Signature.objects.filter(branch=branch).first())


def _signature(request: HttpRequest, branch: Branch | None, row: Signature | None) -> HttpResponse:
    person = caller(request)
    form = SignatureForm(request.POST or None, initial={"text": row.text if row else ""})
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_signature(
                actor=person, now=timezone.now(), text=form.cleaned_data["text"], branch=branch
            )
        except Refusal as refusal:
            _add(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(request.path)
    context = {
        "form": form,
        "branch": branch,
        "variables": _variables(),
        "seen": filled(str(form["text"].value() or ""), values_for(person, branch or branch_of(person))),
        "branches": Branch.objects.filter(is_active=True) if person.can(Permission.POLICY_WRITE) else (),
    }
    return render(request, "mailboxes/signature.html", context, status=422 if form.errors else 200)

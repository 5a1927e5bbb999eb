"""What is done with requests: entered, taken, given, returned, handed over, named, closed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role, permissions_of
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Conversation
from clientela.modules.organisation.queries import people_visible_to
from clientela.modules.requests import operations
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import Incoming
from clientela.modules.requests.queries import title
from clientela.modules.routing.desks import parts
from clientela.workspace.requests import words
from clientela.workspace.requests.dialogs import (
    CloseForm,
    NewForm,
    NoteForm,
    OfTalkForm,
    PersonForm,
    ReasonForm,
)
from clientela.workspace.requests.views.pages import found

CHANGED = "requests-changed"
_WORKERS = [role for role in Role.values if Permission.REQUESTS_WRITE in permissions_of(role)]


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _told(
    request: HttpRequest, row: Request, text: str, *, undo: str = "", kind: str = "good"
) -> HttpResponseBase:
    """What was done, in a toast; without htmx the page of the request comes back with it."""
    if not request.htmx:  # type: ignore[attr-defined]
        messages.add_message(
            request, messages.ERROR if kind == "bad" else messages.SUCCESS, text, extra_tags=undo
        )
        return redirect("requests:request", row.pk)
    response = HttpResponse(status=204)
    trigger_client_event(
        response, "toast", {"text": text, "kind": kind} | ({"undo_url": undo} if undo else {})
    )
    trigger_client_event(response, CHANGED, {})
    trigger_client_event(response, "close-modal", {})
    return response


def _asked(request: HttpRequest, form: forms.Form, heading: str, submit: str) -> HttpResponse:
    name = "dialog" if request.htmx else "page"  # type: ignore[attr-defined]
    context = {
        "form": form,
        "action": request.path,
        "title": heading,
        "submit": submit,
        "back": reverse("requests:home"),
    }
    return render(request, f"requests/act_{name}.html", context, status=422 if form.errors else 200)


def _refused(form: forms.Form, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUESTS_WRITE)
def create(request: HttpRequest) -> HttpResponseBase:
    """Enter a request by hand."""
    form, user = NewForm(request.POST or None), caller(request)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        mine = given.pop("mine")
        branch = getattr(getattr(user, "agent", None), "branch", None) or getattr(
            getattr(user, "placement", None), "branch", None
        )
        incoming = Incoming(
            source=Request.Source.HAND, branch=branch, assignee_id=user.pk if mine else None, **given
        )  # fmt: skip
        try:
            made = operations.receive(**_who(request), incoming=incoming)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            return _told(
                request,
                made,
                _("%(number)s: %(who)s")
                % {"number": made.number, "who": made.assignee or _("waits in the queue")},
            )
    return _asked(request, form, _("New request"), _("Make the request"))


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUESTS_WRITE, Permission.CONTACTS_WRITE)
def of_conversation(request: HttpRequest, conversation_id: int) -> HttpResponseBase:
    """Make a request of a conversation; it is the person's at once."""
    talk = get_object_or_404(Conversation.objects.visible_to(caller(request)), pk=conversation_id)
    form = OfTalkForm(request.POST or None, initial={"text": talk.last_text if not talk.last_is_ours else ""})
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.from_conversation(**_who(request), conversation=talk, **form.cleaned_data)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            return _told(request, made, _("Request %(number)s is yours") % {"number": made.number})
    return _asked(request, form, _("Request from the conversation"), _("Make the request"))


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUESTS_WRITE, Permission.CONTACTS_WRITE)
def of_call(request: HttpRequest, call_id: int) -> HttpResponseBase:
    """Make a request of a call; it is the person's at once."""
    call = get_object_or_404(Call.objects.visible_to(caller(request)), pk=call_id)
    form = OfTalkForm(request.POST or None, initial={"text": call.note or call.reason})
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.from_call(**_who(request), call=call, **form.cleaned_data)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            return _told(request, made, _("Request %(number)s is yours") % {"number": made.number})
    return _asked(request, form, _("Request from the call"), _("Make the request"))


def _act(request: HttpRequest, request_id: int, act: Any, text: str) -> HttpResponseBase:
    row = found(request, request_id)
    try:
        done = act(**_who(request), request=row)
    except Refusal as refusal:
        return _told(request, row, str(refusal), kind="bad")
    return _told(request, done, text % {"name": title(row)})


@require_POST
@requires(Permission.REQUESTS_WRITE)
def taking(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Take the request and answer it."""
    return _act(request, request_id, operations.take, _("Taken: %(name)s"))


@require_POST
@requires(Permission.REQUESTS_WRITE)
def beginning(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """The client was reached."""
    return _act(request, request_id, operations.begin, _("In work: %(name)s"))


@require_POST
@requires(Permission.REQUESTS_WRITE)
def reopening(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Undo closing."""
    return _act(request, request_id, operations.reopen, _("Open again: %(name)s"))


@require_POST
@requires(Permission.REQUESTS_WRITE)
def naming(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Which of the clients with this phone it is."""
    client = get_object_or_404(
        Client.objects.visible_to(caller(request)), pk=id_of(request.POST.get("client")) or 0
    )
    return _act(
        request,
        request_id,
        lambda **who: operations.identify(**who, client=client),
        _("The request is of %(name)s"),
    )


def colleagues(row: Request, user: User) -> list[tuple[str, str]]:
    """Whom the request may be given to: first who has a desk in the branch with what they have in hand, then others."""
    now = timezone.now()
    desks = [
        part for part in parts([row.branch_id], now=now) if part.takes and part.user_id != row.assignee_id
    ]
    chosen = [
        (str(part.user_id), f"{part.name} · {words.person(part, answers_in=None)['room']}") for part in desks
    ]
    known = {part.user_id for part in desks} | {row.assignee_id}
    rest = (
        people_visible_to(user)
        .filter(is_active=True, role__in=_WORKERS)
        .exclude(pk__in=[one for one in known if one])
    )
    return chosen + [(str(one.pk), str(one)) for one in rest.order_by("last_name", "first_name")[:100]]


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUESTS_WRITE)
def giving(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Give the request to a colleague, with a reason."""
    row = found(request, request_id)
    form = PersonForm(request.POST or None, people=colleagues(row, caller(request)))
    if request.method == "POST" and form.is_valid():
        to = get_object_or_404(User, pk=int(form.cleaned_data["person"]))
        try:
            operations.give(**_who(request), request=row, to=to, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            return _told(
                request, row, _("%(name)s: given to %(person)s") % {"name": title(row), "person": to}
            )
    return _asked(request, form, _("To whom do you give %(name)s?") % {"name": title(row)}, _("Give it"))


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUESTS_WRITE)
def returning(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Return the request to the queue."""
    row, form = found(request, request_id), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.give_back(**_who(request), request=row, **form.cleaned_data)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            return _told(request, row, _("%(name)s: back in the queue") % {"name": title(row)})
    return _asked(
        request, form, _("Why does %(name)s go back?") % {"name": title(row)}, _("Return to the queue")
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUESTS_WRITE)
def to_sales(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Marketing hands the request over to sales."""
    row, form = found(request, request_id), NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = operations.hand_over(**_who(request), request=row, note=form.cleaned_data["reason"])
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            return _told(request, done, _("%(name)s: handed over to sales") % {"name": title(row)})
    return _asked(request, form, _("Hand %(name)s over to sales") % {"name": title(row)}, _("Hand over"))


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUESTS_WRITE)
def closing(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Close the request with a reason; may be undone."""
    row, form = found(request, request_id), CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.close(**_who(request), request=row, **form.cleaned_data)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            undo = reverse("requests:reopen", args=[row.pk])
            return _told(request, row, _("Closed: %(name)s") % {"name": title(row)}, undo=undo)
    return _asked(request, form, _("Close %(name)s") % {"name": title(row)}, _("Close the request"))

"""Making and changing a card."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.foundation.dates import full_years, local_today
from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import (
    AgentRequired,
    InvalidData,
    OutdatedVersion,
    create_client,
    record_read,
    update_client,
)
from clientela.modules.clients.queries import possible_duplicates
from clientela.modules.organisation.models import Agent
from clientela.modules.organisation.queries import scope_of
from clientela.workspace.clients.card_form import CardForm, towns, typed_so_far
from clientela.workspace.clients.views.card import address_of
from clientela.workspace.clients.views.found import client_of, posted

WRITE = requires(Permission.CLIENTS_WRITE)


def _kind(request: HttpRequest) -> str:
    asked = request.POST.get("kind") or request.GET.get("kind")
    return Client.Kind.COMPANY if asked == Client.Kind.COMPANY else Client.Kind.PERSON


def _agents(request: HttpRequest) -> Any:
    """Whom the person may give a new client to; None for an agent, who keeps it."""
    scope = scope_of(request.user)
    if len(scope.agent_ids) == 1:
        return None
    agents = Agent.objects.filter(is_active=True)
    if scope.branch_id:
        return agents.filter(branch_id=scope.branch_id)
    if scope.centre_id:
        return agents.filter(centre_id=scope.centre_id)
    return agents if scope.everything else agents.filter(pk__in=scope.agent_ids)


@WRITE
def new(request: HttpRequest) -> HttpResponse:
    """A new card. Possible duplicates stand beside it while it is filled."""
    kind = _kind(request)
    form = CardForm(posted(request), kind=kind, agents=_agents(request))
    found = []
    if request.method == "POST":
        if form.is_valid() and (client := _create(request, form, kind)):
            messages.success(request, _("Card made: %(name)s") % {"name": client.name})
            return redirect("clients:card", client.pk)
        found = possible_duplicates(request.user, typed_so_far(request.POST))
    kinds = [
        {"label": label, "url": f"?kind={value}", "current": value == kind}
        for value, label in Client.Kind.choices
    ]
    context = {
        "form": form,
        "kind": kind,
        "kinds": kinds,
        "duplicates": found,
        "towns": towns(),
        "back": reverse("clients:list"),
    }
    return render(request, "clients/edit.html", context, status=422 if form.errors else 200)


def _create(request: HttpRequest, form: CardForm, kind: str) -> Client | None:
    data = form.cleaned_data
    contacts = [(name, data[name]) for name in ("phone", "email") if data.get(name)]
    documents = [{"kind": "passport", "number": data["passport"]}] if data.get("passport") else []
    address = {"city": data.get("city"), "street": data["street"]} if data.get("street") else None
    try:
        return create_client(
            actor=request.user, now=timezone.now(), kind=kind, details=form.details, contacts=contacts,
            documents=documents, address=address, agent=data.get("agent"), source=_("typed by hand"),
        )  # fmt: skip
    except InvalidData as error:
        form.take_errors(error)
    except AgentRequired as error:
        form.add_error("agent" if "agent" in form.fields else None, str(error))
    return None


@WRITE
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a card that nobody else changed since it was opened."""
    client = client_of(request, pk)
    form = CardForm(posted(request), kind=client.kind, client=client)
    version = request.POST.get("version") or str(client.version)
    if request.method != "POST" and (client.snils or (client.inn and client.kind == Client.Kind.PERSON)):
        now, address = timezone.now(), address_of(request)
        record_read(actor=request.user, now=now, client=client, address=address, part="numbers")
    if request.method == "POST" and form.is_valid():
        try:
            update_client(
                actor=request.user, now=timezone.now(), client=client, details=form.details,
                version=id_of(version) or -1,
            )  # fmt: skip
        except InvalidData as error:
            form.take_errors(error)
        except OutdatedVersion:
            form.add_error(
                None, _("Somebody changed the card meanwhile. What you typed is here; save once more.")
            )
            version = str(client.version)
        else:
            messages.success(request, _("Card saved"))
            return redirect("clients:card", client.pk)
    context = {
        "form": form, "client": client, "kind": client.kind, "version": version, "towns": towns(),
        "duplicates": [], "back": reverse("clients:card", args=[client.pk]),
    }  # fmt: skip
    return render(request, "clients/edit.html", context, status=422 if form.errors else 200)


@WRITE
def duplicates(request: HttpRequest) -> HttpResponse:
    """Cards that may be the client whose form is being filled."""
    typed = typed_so_far(request.POST)
    found = possible_duplicates(request.user, typed, exclude_id=id_of(request.POST.get("client")))
    today = local_today(settings.TIME_ZONE, timezone.now())
    age = full_years(typed.birth_date, today) if typed.birth_date else None
    return render(request, "clients/duplicates.html", {"duplicates": found, "typed": typed, "age": age})

"""The household of a client: ties, things, life events, and who may be a relative."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override
from django.views.decorators.http import require_POST, require_safe

from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients import operations
from clientela.modules.clients.models import Belonging, Client, LifeEvent, Relation
from clientela.modules.clients.operations.answers import Said, keep_answers
from clientela.modules.clients.queries import newest_answers
from clientela.modules.clients.relatives import Suggested, relation_of, relatives_of, suggestions
from clientela.workspace.clients import household as shown
from clientela.workspace.clients.household_forms import (
    BelongingForm,
    DoneForm,
    LifeEventForm,
    ProfileForm,
    RelationForm,
)
from clientela.workspace.clients.views.acting import Act, act, done
from clientela.workspace.clients.views.found import client_of, posted

READ, WRITE = requires(Permission.CLIENTS_READ), requires(Permission.CLIENTS_WRITE)
PROFILE = {
    "habits": gettext_noop("Habits"),
    "preferences": gettext_noop("Preferences"),
    "interests": gettext_noop("Interests"),
}


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


@require_safe
@READ
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """The graph and the list on the card."""
    client = client_of(request, pk)
    relatives = relatives_of(request.user, client.pk)
    context = {
        "client": client, "relatives": relatives, "graph": shown.graph(relatives),
        "today": local_today(client.time_zone, timezone.now()),
        "may_write": caller(request).can(Permission.CLIENTS_WRITE),
    }  # fmt: skip
    return render(request, "clients/household_part.html", context)


@require_safe
@READ
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """All of the household."""
    client, user = client_of(request, pk), request.user
    today = local_today(client.time_zone, timezone.now())
    relatives = relatives_of(user, client.pk)
    likely = suggestions(user, client, named=shown.named_with(user, client.pk))
    answers = {one.key: one.value for one in newest_answers(client.pk)}
    context = {
        "client": client,
        "relatives": [{"one": one, "age": one.age(today)} for one in relatives],
        "graph": shown.graph(relatives),
        "birthdays": shown.birthdays(relatives, today),
        "together": shown.insured_together(user, client, relatives, today),
        "things": shown.things(client.pk),
        "belongings": Belonging.objects.filter(client=client),
        "events": LifeEvent.objects.filter(client=client)[:20],
        "profile": [{"label": _(label), "value": answers.get(key, "")} for key, label in PROFILE.items()],
        "likely": [_said(one) for one in likely if not one.aside],
        "aside": [_said(one) for one in likely if one.aside],
        "may_write": caller(request).can(Permission.CLIENTS_WRITE),
        "today": today,
    }
    return render(request, "clients/household.html", context)


@WRITE
def relate(request: HttpRequest, pk: int) -> HttpResponse:
    """Tie somebody to the client; a proposed relative is named in the address."""
    client, other = client_of(request, pk), None
    if (number := request.GET.get("other", "")).isdigit():
        other = get_object_or_404(Client.objects.visible_to(request.user), pk=int(number[:18]))
    form = RelationForm(posted(request), user=request.user, other=other)

    def run(data: dict[str, Any]) -> Relation:
        source = "suggestion" if other else "staff"
        return operations.relate(**_who(request), client=client, source=source, **data)

    title = other.name if other else _("New relation")
    said = Act(title, _("Keep the relation"), _("The relation is kept"), run)
    return act(request, form, said, client=client)


def _said(one: Suggested) -> dict[str, Any]:
    return {"client": one.client, "why": shown.why_words(one.why)}


@WRITE
@require_POST
def put_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposed relative is none; with ``back`` it is proposed again."""
    client, number = client_of(request, pk), request.POST.get("other", "")
    seen = Client.objects.visible_to(request.user)
    other = get_object_or_404(seen, pk=int(number[:18]) if number.isdecimal() else 0)
    back = "back" in request.POST
    operations.put_aside(**_who(request), client=client, other=other, aside=not back)
    return done(request, client, _("Proposed again") if back else _("Put aside: not proposed again"))


@WRITE
@require_POST
def unrelate(request: HttpRequest, relation_id: int) -> HttpResponse:
    """Take a tie away."""
    row = relation_of(request.user, relation_id)
    if row is None:
        raise Http404
    client = Client.objects.visible_to(request.user).get(
        pk__in=[row.client_id] if _sees(request, row.client_id) else [row.other_id]
    )
    operations.unrelate(**_who(request), relation=row)
    return done(request, client, _("The relation is taken away"))


def _sees(request: HttpRequest, pk: int) -> bool:
    return Client.objects.visible_to(request.user).filter(pk=pk).exists()


@WRITE
def belonging(request: HttpRequest, pk: int) -> HttpResponse:
    """A thing the client has and we do not insure."""
    client = client_of(request, pk)
    form = BelongingForm(posted(request))

    def run(data: dict[str, Any]) -> Belonging:
        return operations.add_belonging(**_who(request), client=client, **data)

    return act(request, form, Act(_("What else the client has"), _("Add"), _("Added"), run), client=client)


@WRITE
@require_POST
def remove_belonging(request: HttpRequest, belonging_id: int) -> HttpResponse:
    row = get_object_or_404(
        Belonging.objects.visible_to(request.user).select_related("client"), pk=belonging_id
    )
    operations.remove_belonging(**_who(request), belonging=row)
    return done(request, row.client, _("Taken away"))


@WRITE
def life_event(request: HttpRequest, pk: int) -> HttpResponse:
    """Something in the client's life."""
    client = client_of(request, pk)
    form = LifeEventForm(posted(request))

    def run(data: dict[str, Any]) -> LifeEvent:
        return operations.note_life_event(**_who(request), client=client, source="staff", **data)

    return act(
        request,
        form,
        Act(_("Event of life"), _("Keep the event"), _("The event is kept"), run),
        client=client,
    )


@WRITE
def close_life_event(request: HttpRequest, event_id: int) -> HttpResponse:
    """It was spoken about."""
    row = get_object_or_404(LifeEvent.objects.visible_to(request.user).select_related("client"), pk=event_id)
    form = DoneForm(posted(request))

    def run(data: dict[str, Any]) -> LifeEvent:
        return operations.close_life_event(**_who(request), event=row, **data)

    said = Act(str(row), _("Spoken about"), _("Spoken about"), run, row.note)
    return act(request, form, said, client=row.client)


@WRITE
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """Habits, preferences, interests: the newest words count, the older ones are history."""
    client = client_of(request, pk)
    known = {one.key: one.value for one in newest_answers(client.pk)}
    form = ProfileForm(posted(request), initial={key: known.get(key, "") for key in PROFILE})

    def run(data: dict[str, Any]) -> Any:
        said = [
            Said(key, _in("ru", label), _in("en", label), "text", data[key].strip())
            for key, label in PROFILE.items()
            if data[key].strip() != known.get(key, "")
        ]
        return keep_answers(**_who(request), client=client, answers=said, source="card")

    return act(request, form, Act(_("Habits and interests"), _("Save"), _("Kept"), run), client=client)


def _in(language: str, text: str) -> str:
    with override(language):
        return _(text)

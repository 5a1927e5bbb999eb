"""People with a sign-in: list, card, and help with signing in."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.modules.accounts import operations as accounts
from clientela.modules.accounts import photo_views
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.accounts.queries import has_second_step, is_locked
from clientela.modules.organisation import operations
from clientela.modules.organisation.models import Agent, Placement
from clientela.modules.organisation.queries import SUBSTITUTED
from clientela.workspace.admin.forms.organisation import PeopleFilter, PersonForm
from clientela.workspace.admin.queries import absences
from clientela.workspace.admin.queries import organisation as queries
from clientela.workspace.admin.views.absences import telling_of_ended
from clientela.workspace.admin.views.forms_page import answer

PAGE = 50
PLACE = ("branch", "team", "centre", "agent")
OWN = ("last_name", "first_name", "middle_name", "email", "role", "totp_required")


@requires(Permission.ORGANISATION_READ)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with a sign-in whom this person may see."""
    form = PeopleFilter(request.GET, user=caller(request))
    filters = form.chosen()
    page = Paginator(queries.people(caller(request), filters), PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    context = {
        "form": form,
        "filters": filters,
        "page": page,
        "people": shown,
        "second_step": queries.with_second_step(shown),
        "order": filters.get("order", "name"),
        "may_write": caller(request).can(Permission.ORGANISATION_WRITE),
    }
    return render(request, "organisation/people.html", context)


def _split(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {n: values[n] for n in OWN}, {n: values[n] for n in PLACE}


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def create_person(request: HttpRequest) -> HttpResponse:
    def act(**values: Any) -> None:
        own, place = _split(values)
        operations.create_person(actor=caller(request), now=timezone.now(), **own, **place)

    return answer(
        request,
        form=PersonForm(request.POST or None, initial={"agent": request.GET.get("agent", "")[:40]}),
        act=act,
        title=_("New person"),
        back=reverse("organisation:people"),
        done=_("The person is made. Give them a link to set a password."),
    )


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)

    def act(**values: Any) -> None:
        own, place = _split(values)
        with transaction.atomic(), telling_of_ended(request, user):
            changed = accounts.change_user(actor=caller(request), now=timezone.now(), user=user, **own)
            operations.place(actor=caller(request), now=timezone.now(), user=changed, **place)

    return answer(
        request,
        form=PersonForm(request.POST or None, initial=_initial(user)),
        act=act,
        title=str(user),
        back=reverse("organisation:people"),
        done=_("Saved."),
        template="organisation/person.html",
        person_shown=user,
        second_step=has_second_step(user),
        locked=is_locked(user),
        absences=_absences(request, user),
        may_plan=True,
    )


def _absences(request: HttpRequest, user: User) -> Any:
    """None for a role that has no substitutes."""
    if user.role not in SUBSTITUTED:
        return None
    return absences.of_person(caller(request), user, today=timezone.localdate())


def _initial(user: User) -> dict[str, Any]:
    placement = Placement.objects.filter(user=user).first()
    agent = Agent.objects.filter(user=user).first()
    place = {n: getattr(placement, f"{n}_id") for n in PLACE[:3]} if placement else {}
    return {n: getattr(user, n) for n in OWN} | place | {"agent": agent.code if agent else ""}


def _back(request: HttpRequest, user_id: int, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("organisation:person", user_id)


@requires(Permission.ORGANISATION_WRITE)
@require_POST
def activity(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let in or keep out: ``active`` is 1 or 0."""
    user = get_object_or_404(User, pk=user_id)
    active = request.POST.get("active") == "1"
    try:
        with telling_of_ended(request, user):
            operations.set_activity(actor=caller(request), now=timezone.now(), user=user, active=active)
    except accounts.OwnAccount:
        messages.error(request, _("Nobody switches off their own sign-in."))
        return redirect("organisation:person", user_id)
    return _back(
        request, user_id, _("Sign-in is on.") if active else _("Sign-in is off, the sessions have ended.")
    )


@requires(Permission.ORGANISATION_WRITE)
@never_cache
@require_POST
def password_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """A link to set a password, shown once to hand over."""
    user = get_object_or_404(User, pk=user_id, is_active=True)
    link = accounts.password_link(actor=caller(request), now=timezone.now(), user=user)
    return render(request, "organisation/password_link.html", {"person_shown": user, "link": link})


@requires(Permission.ORGANISATION_WRITE)
@require_POST
def unlock(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    accounts.unlock(actor=caller(request), now=timezone.now(), user=user)
    return _back(request, user_id, _("Sign-in is open again."))


@requires(Permission.ORGANISATION_WRITE)
@require_POST
def second_step(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take away the codes of a lost phone."""
    user = get_object_or_404(User, pk=user_id)
    if user.pk == caller(request).pk:
        raise PermissionDenied
    accounts.reset_second_step(actor=caller(request), now=timezone.now(), user=user)
    return _back(request, user_id, _("The second step is taken away; it will be set up anew."))


@requires(Permission.ORGANISATION_WRITE)
@require_POST
def photo(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    return photo_views.bring(request, user, back=reverse("organisation:person", args=[user_id]))


@requires(Permission.ORGANISATION_WRITE)
@require_POST
def photo_removal(request: HttpRequest, user_id: int) -> HttpResponse:
    user, undo = (
        get_object_or_404(User, pk=user_id),
        reverse("organisation:person_photo_back", args=[user_id]),
    )
    return photo_views.take_off(request, user, back=reverse("organisation:person", args=[user_id]), undo=undo)


@requires(Permission.ORGANISATION_WRITE)
@require_POST
def photo_back(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    return photo_views.bring_back(request, user, back=reverse("organisation:person", args=[user_id]))

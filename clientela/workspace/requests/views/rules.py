"""Who shares the requests of which branch, the times, and the rules of points."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.rules import Role, permissions_of
from clientela.modules.organisation.queries import branches_visible_to, people_visible_to
from clientela.modules.requests.models import Policy, ScoreRule
from clientela.modules.requests.operations.setting import change_policy, change_rule, create_rule
from clientela.modules.requests.queries import sharing_of
from clientela.modules.routing.desks import parts
from clientela.modules.routing.models import Desk
from clientela.modules.routing.operations.desks import change_desk, change_sharing
from clientela.workspace.requests import words
from clientela.workspace.requests.dialogs import DeskForm, PolicyForm, RuleForm

_WORKERS = [role for role in Role.values if Permission.REQUESTS_WRITE in permissions_of(role)]
_TIMES = ("answer_minutes", "join_days", "warm_from", "hot_from")


def _tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    names = {
        "rules": _("Sharing"),
        "points": _("Points"),
        "fairness": _("Fairness"),
        "forms": _("Forms and sources"),
    }
    return [
        {"label": label, "url": reverse(f"requests:{name}"), "current": name == current}
        for name, label in names.items()
        if caller(request).can(Permission.ORGANISATION_WRITE if name == "forms" else Permission.ROUTING_WRITE)
    ]


@require_http_methods(["GET", "POST"])
@requires(Permission.ROUTING_WRITE)
def sharing(request: HttpRequest) -> HttpResponseBase:
    """Every branch in sight: is it shared, by whom, with which room and share; and the promise of the first answer."""
    user, now, policy = caller(request), timezone.now(), Policy.now()
    form = PolicyForm(request.POST or None, initial={name: getattr(policy, name) for name in _TIMES})
    if request.method == "POST" and form.is_valid():
        try:
            change_policy(actor=user, now=now, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("The times are kept"))
            return redirect("requests:rules")
    branches = list(branches_visible_to(user).filter(is_active=True).order_by("name")[:100])
    known = parts([one.pk for one in branches], now=now)
    by_branch = {one.pk: [part for part in known if part.branch_id == one.pk] for one in branches}
    shared = sharing_of(branches)
    rest = people_visible_to(user).filter(is_active=True, role__in=_WORKERS, desk=None)
    shown = [
        {
            "branch": one, "queue": shared[one.pk], "people": [words.person(part, answers_in=None) for part in by_branch[one.pk]],
            "url": reverse("requests:switch", args=[one.pk]),
        }
        for one in branches
        if by_branch[one.pk] or len(branches) < 6
    ]  # fmt: skip
    context = {
        "form": form, "branches": shown, "tabs": _tabs(request, "rules"),
        "others": rest.order_by("last_name", "first_name")[:60],
    }  # fmt: skip
    return render(request, "requests/rules.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.ROUTING_WRITE)
def switch(request: HttpRequest, branch_id: int) -> HttpResponseBase:
    """Stop or resume sharing in a branch; say whether late requests are taken back."""
    branch = get_object_or_404(branches_visible_to(caller(request)), pk=branch_id)
    queue = sharing_of([branch])[branch.pk]
    paused, back = queue.is_paused, queue.takes_back_letters
    if "paused" in request.POST:
        paused = request.POST["paused"] == "1"
        text = (
            _("%(branch)s: requests wait for people") if paused else _("%(branch)s: requests are shared out")
        )
    else:
        back = request.POST.get("back") == "1"
        text = _("%(branch)s: late requests are taken back") if back else _("%(branch)s: late requests stay")
    change_sharing(
        actor=caller(request), now=timezone.now(), branch=branch, is_paused=paused, takes_back=back
    )
    messages.success(request, text % {"branch": branch.name})
    return redirect("requests:home" if request.POST.get("from") == "home" else "requests:rules")


@require_http_methods(["GET", "POST"])
@requires(Permission.ROUTING_WRITE)
def desk(request: HttpRequest, user_id: int) -> HttpResponseBase:
    """A person's part in the requests of a branch."""
    person = people_visible_to(caller(request)).filter(pk=user_id, is_active=True, role__in=_WORKERS).first()
    if person is None:
        raise Http404
    known = Desk.objects.filter(user=person).first()
    agent, place = getattr(person, "agent", None), getattr(person, "placement", None)
    home = agent.branch_id if agent else place.branch_id if place else None
    initial = {
        "branch": known.branch_id if known else home, "takes": known.takes if known else True,
        "capacity": known.capacity if known else 10, "weight": known.weight if known else 100,
    }  # fmt: skip
    form = DeskForm(request.POST or None, initial=initial, user=caller(request))
    if request.method == "POST" and form.is_valid():
        change_desk(actor=caller(request), now=timezone.now(), person=person, **form.cleaned_data)
        messages.success(request, _("Kept: what %(name)s takes") % {"name": person})
        return redirect("requests:rules")
    context = {
        "form": form, "title": str(person), "submit": _("Keep"), "back": reverse("requests:rules"), "action": request.path,
        "skills_url": reverse("routing:person", args=[person.pk]),
    }  # fmt: skip
    return render(request, "requests/act_page.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.ROUTING_WRITE)
def points(request: HttpRequest) -> HttpResponseBase:
    """The rules of points, each with its words: changed in place, and one more."""
    user, now = caller(request), timezone.now()
    adding = RuleForm(request.POST if "fact" in request.POST else None)
    rules = list(ScoreRule.objects.all())
    wrong = ""
    try:
        if request.method == "POST" and "fact" in request.POST:
            if adding.is_valid():
                create_rule(actor=user, now=now, **adding.cleaned_data)
                messages.success(request, _("The rule is kept"))
                return redirect("requests:points")
        elif request.method == "POST":
            for rule in rules:
                given = request.POST.get(f"points-{rule.pk}", "")
                if given.lstrip("-+").isdigit() and len(given) < 5:
                    is_on = request.POST.get(f"on-{rule.pk}") == "1"
                    change_rule(actor=user, now=now, rule=rule, points=int(given), is_active=is_on)
            messages.success(request, _("The points are kept"))
            return redirect("requests:points")
    except Refusal as refusal:
        wrong = str(refusal)
    context = {"rules": rules, "adding": adding, "wrong": wrong, "tabs": _tabs(request, "points")}
    return render(request, "requests/points.html", context, status=422 if wrong or adding.errors else 200)

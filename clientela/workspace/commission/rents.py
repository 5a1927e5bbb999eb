"""The register of rents on the screen: what waits, its evidence, and what is decided."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.foundation.identifiers import policy_number_key
from clientela.foundation.names import name_key
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.foundation.ui.templatetags.ui import in_days
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Line
from clientela.modules.products.queries import name_of
from clientela.modules.rent import operations, queries, rules
from clientela.modules.rent.models import Rent
from clientela.workspace.commission import evidence, listing
from clientela.workspace.commission.forms import RentTermsForm

PAGE = 50
State = Rent.State
NUMBER = 2**31 - 1


def _home(**values: Any) -> str:
    query = urlencode({name: value for name, value in values.items() if value})
    return reverse("commission:rents") + (f"?{query}" if query else "")


def _seen(request: HttpRequest) -> "QuerySet[Rent]":
    return Rent.objects.visible_to(caller(request))


@require_safe
@requires(Permission.COMMISSION_READ)
def home(request: HttpRequest) -> HttpResponse:
    """The rents of one state, the longest waiting first, and one of them with its evidence."""
    return render(request, _template(request), _context(request, request.GET))


def _template(request: HttpRequest) -> str:
    part = request.htmx and request.htmx.target == "rents"  # type: ignore[attr-defined]
    return "commission/rents_body.html" if part else "commission/rents.html"


def _context(request: HttpRequest, asked: Any, chosen: Rent | None = None, **more: Any) -> dict[str, Any]:
    person, seen = caller(request), _seen(request)
    counts = queries.counts(seen)
    state = asked.get("state", "")
    if chosen is not None:
        state = chosen.state
    elif state not in State.values:
        state = _first_state(person, counts)
    text, line, met = (
        asked.get("q", "").replace("\x00", "").strip()[:80],
        asked.get("line", ""),
        asked.get("met", ""),
    )
    rows = _narrowed(seen.filter(state=state), text, line, met)
    latest = state not in (State.WAITING, State.OFFICE)
    order = ("-decided_at", "-pk") if latest else ("waits_since", "pk")
    shown = rows.select_related("policy__client", "policy__product", "policy__insured_object", "agent__user")
    page = Paginator(shown.order_by(*order), PAGE).get_page(asked.get("page"))
    wanted = asked.get("rent", "")
    if chosen is None and wanted.isdecimal() and int(wanted) < NUMBER:
        chosen = seen.filter(pk=int(wanted)).first()
    explicit = chosen is not None
    if chosen is None and page.object_list:
        chosen = page.object_list[0]
    sums, today, terms = queries.sums(rows), listing.today(), queries.terms_now()
    clean = queries.to_decide(person).clean()
    kept = {"state": state, "q": text, "line": line, "met": met}
    return {
        "rows": [_row(one, today, terms.days, kept) for one in page.object_list], "page": page, "state": state, "explicit": explicit,
        "tabs": _states(counts, state), "text": text, "met": met, "lines": [{"value": code, "label": label, "chosen": code == line} for code, label in Line.choices],
        "narrowed": bool(text or line or met), "whole": _whole(sums, state, today, terms.days), "about": _about(person, state),
        "clean": clean.count() if state in (State.WAITING, State.OFFICE) else 0, "upto": clean.order_by("-pk").values_list("pk", flat=True).first(),
        "may_set": person.can(Permission.COMMISSION_RATES), "list_url": _home(**kept), "hidden": kept,
        "total": _contracts(page.paginator.count),
    } | (_pane(request, chosen, today, terms.days) if chosen else {"rent": None}) | more  # fmt: skip


def _first_state(person: Any, counts: dict[str, int]) -> str:
    """What one came for: what waits for a decision; of an agent, what was sent back."""
    if queries.to_answer(person).exists():
        return State.RETURNED
    places = (State.WAITING, State.OFFICE, State.RETURNED, State.APPROVED, State.REFUSED)
    return next((place for place in places if counts[place]), State.WAITING)


def _narrowed(rows: "QuerySet[Rent]", text: str, line: str, met: str) -> "QuerySet[Rent]":
    if line in Line.values:
        rows = rows.filter(policy__product__line=line)
    if met in ("clean", "unmet"):
        rows = rows.filter(is_clean=met == "clean")
    if any(sign.isdigit() for sign in text):
        return rows.filter(policy__number_key__contains=policy_number_key(text))
    if text:
        title = text[:1].upper() + text[1:]
        client = Q(policy__client__name_key__startswith=name_key(text)) if name_key(text) else Q(pk=None)
        return rows.filter(client | Q(agent__last_name__startswith=title))
    return rows


def _about(person: Any, state: str) -> str:
    scope = scope_of(person)
    words = _("up for approval") if state == State.WAITING else str(_words_of()[State(state)]).lower()
    branch = person.placement.branch if scope.branch_id and hasattr(person, "placement") else None
    if branch is None:
        return words
    named = _("branch «%(name)s»") % {"name": branch.name}
    return f"{named} · {words}"


def _contracts(n: int) -> str:
    return ngettext("%(n)s contract", "%(n)s contracts", n) % {"n": formats.number(n, language())}


def _whole(sums: dict[str, Any], state: str, today: Any, days: int) -> str:
    parts = [_contracts(sums["n"]), formats.money(sums["amount"], language())]
    if state in (State.WAITING, State.OFFICE) and sums["since"]:
        waited = rules.days_waited(timezone.localdate(sums["since"]), today)
        longest = _("the longest %(days)s of %(all)s") % {
            "days": in_days(waited) if waited else pgettext("rent", "today"),
            "all": days,
        }
        parts.append(longest)
    return " · ".join(parts)


def _words_of() -> dict[Rent.State, str]:
    return {
        State.WAITING: pgettext("rents", "Waiting"), State.APPROVED: pgettext("rents", "Approved"),
        State.RETURNED: pgettext("rents", "Returned"), State.OFFICE: _("Head office"),
        State.REFUSED: pgettext("rents", "Refused"),
    }  # fmt: skip


def _states(counts: dict[str, int], state: str) -> list[dict[str, Any]]:
    labels = _words_of()
    rare = (State.OFFICE, State.REFUSED)
    return [
        {"label": f"{label} {formats.number(counts[code], language())}", "url": _home(state=code.value), "current": code == state}
        for code, label in labels.items()
        if counts[code] or code == state or code not in rare
    ]  # fmt: skip


def _row(rent: Rent, today: Any, days: int, kept: dict[str, str]) -> dict[str, Any]:
    waited = rules.days_waited(timezone.localdate(rent.waits_since), today)
    kinds = {5: "good", 4: "signal"}
    return {
        "rent": rent, "client": rent.policy.client.name, "thing": _thing(rent), "agent": str(rent.agent), "waited": waited,
        "late": waited >= days, "url": _home(**kept, rent=rent.pk), "kind": kinds.get(rent.passed, "bad"),
        "icon": {5: "circle-check", 4: "alert-circle"}.get(rent.passed, "circle-x"), "all": len(rules.Check),
        "days": in_days(waited),
    }  # fmt: skip


def _thing(rent: Rent) -> str:
    thing = rent.policy.insured_object
    return ", ".join(part for part in (name_of(rent.policy.product), thing.title if thing else "") if part)


def _pane(request: HttpRequest, rent: Rent, today: Any, days: int) -> dict[str, Any]:
    person = caller(request)
    rent = _seen(request).select_related("policy__client", "policy__product", "policy__insured_object", "agent__user", "decided_by", "rate").get(pk=rent.pk)  # fmt: skip
    deciding = queries.may_decide(person, rent)
    until = rules.last_day(timezone.localdate(rent.waits_since), days)
    unmet = [check for check in rules.Check if not rent.evidence.get(check.value, {}).get("met")]
    likely = next((rules.REASON_OF[check] for check in unmet if check in rules.REASON_OF), None)
    return {
        "rent": rent, "thing": _thing(rent), "checks": evidence.lines(rent, person), "moments": evidence.moments(rent, person, today),
        "steps": rent.steps.select_related("by"), "deciding": deciding, "answering": rent.state == State.RETURNED and rent.agent.user_id == person.pk,
        "left": (until - today).days, "waits": rent.state in (State.WAITING, State.OFFICE), "percent": evidence.percent(rent),
        "reasons": [{"value": one.value, "label": one.label, "likely": one == likely} for one in rules.Reason],
        "last": rent.state == State.OFFICE, "tries": rules.RETURNS - rent.returned, "month_name": listing.month_name(rent.month or today).split()[0],
        "statement_url": f"{reverse('commission:statement', args=[rent.agent_id])}" + (f"?month={rent.month:%Y-%m}" if rent.month else ""),
        "linked": evidence.open_to(rent, person), "words": "", "answer": "", "fault": "",
    }  # fmt: skip


def _find(request: HttpRequest, rent_id: int) -> Rent:
    return get_object_or_404(_seen(request).select_related("agent", "policy"), pk=rent_id)


def _refused(request: HttpRequest, rent: Rent, refused: Refusal, **typed: str) -> HttpResponse:
    """The same page with what was typed and why it was not done."""
    context = _context(request, {}, _find(request, rent.pk), fault=str(refused), **typed)
    return render(request, "commission/rents.html", context, status=422)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


@require_POST
@requires(Permission.RENT_APPROVE)
def approve(request: HttpRequest, rent_id: int) -> HttpResponseBase:
    """Enter the rent into the statement; then the next one that waits."""
    rent, words = _find(request, rent_id), _words(request)
    try:
        done = operations.approve(**_who(request), rent=rent, words=words)
    except Refusal as refused:
        return _refused(request, rent, refused, words=words)
    said = {"sum": formats.money(done.amount, language()), "agent": str(done.agent)}
    messages.success(request, _("%(sum)s approved for %(agent)s") % said)
    return redirect(_home(state=rent.state))


@require_POST
@requires(Permission.RENT_APPROVE)
def send_back(request: HttpRequest, rent_id: int) -> HttpResponseBase:
    """Return the rent to its agent, or refuse it for good."""
    rent, words, reason = _find(request, rent_id), _words(request), request.POST.get("reason", "")
    try:
        if reason not in rules.Reason.values:
            raise operations.WordsMissing(_("Choose a reason: the agent reads it."))
        done = operations.send_back(**_who(request), rent=rent, reason=reason, words=words)
    except Refusal as refused:
        return _refused(request, rent, refused, words=words)
    refusing = done.state == State.REFUSED
    messages.success(
        request, _("The rent is refused") if refusing else _("The rent is returned to the agent")
    )
    return redirect(_home(state=rent.state))


@require_POST
@requires(Permission.COMMISSION_READ)
def answer(request: HttpRequest, rent_id: int) -> HttpResponseBase:
    """The agent's own answer."""
    rent, words = _find(request, rent_id), _words(request)
    try:
        done = operations.answer(**_who(request), rent=rent, words=words)
    except Refusal as refused:
        return _refused(request, rent, refused, answer=words)
    office = done.state == State.OFFICE
    messages.success(
        request, _("The head office decides now") if office else _("The branch looks at it again")
    )
    return redirect(_home(state=done.state, rent=done.pk))


@require_POST
@requires(Permission.RENT_APPROVE)
def clean(request: HttpRequest) -> HttpResponseBase:
    """Approve all that were shown with every check met."""
    upto = request.POST.get("upto", "")
    known = int(upto) if upto.isdecimal() and int(upto) < NUMBER else None
    done = operations.approve_clean(**_who(request), upto=known)
    words = ngettext("%(n)s rent approved", "%(n)s rents approved", len(done)) % {"n": len(done)}
    messages.success(request, words)
    return redirect("commission:rents")


def _words(request: HttpRequest) -> str:
    return request.POST.get("words", "").replace("\x00", "").strip()[:500]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.COMMISSION_RATES)
def terms(request: HttpRequest) -> HttpResponseBase:
    """Days of a decision and targets of their own."""
    known = queries.terms_now()
    initial = {"days": known.days} | {
        f"target_{line}": Decimal(percent) for line, percent in known.targets.items()
    }
    form = RentTermsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        operations.set_terms(**_who(request), days=form.cleaned_data["days"], targets=form.targets)
        messages.success(request, _("The terms of rent are set"))
        return redirect("commission:rents")
    return render(request, "commission/rent_terms.html", {"form": form}, status=422 if form.errors else 200)


def waiting_for(user: Any) -> int:
    """Rents that wait for this person's decision or answer."""
    if not user.can(Permission.COMMISSION_READ):
        return 0
    if user.can(Permission.RENT_APPROVE):
        return queries.to_decide(user).order_by().values("pk")[:1000].count()
    return queries.to_answer(user).order_by().values("pk")[:1000].count()

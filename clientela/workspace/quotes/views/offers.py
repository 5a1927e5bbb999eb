"""How the comparison reaches the client: by a message, or by its address handed over."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.models import Message, Purpose
from clientela.modules.contacts.queries.facts import Ask, assess_all
from clientela.modules.contacts.rules import Code, Verdict, describe
from clientela.modules.quotes import operations
from clientela.modules.quotes.models import Calculation
from clientela.workspace.quotes.forms import ChannelForm
from clientela.workspace.quotes.views.base import acted, dialog, find, refused, who

KINDS = {"sms": "phone", "email": "email", "telegram": "telegram", "vk": "vk"}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CONTRACTS_WRITE, Permission.CONTACTS_WRITE)
def offer(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Send the comparison to the client; what would not go is told before it is tried."""
    calculation = find(request, calculation_id)
    form = ChannelForm(request.POST if request.method == "POST" else None)
    stopped = _ways(form, calculation)
    if form.is_bound and form.is_valid():
        try:
            message = operations.send(
                **who(request), calculation=calculation, channel=form.cleaned_data["channel"]
            )
        except Refusal as refusal:
            return refused(request, calculation, refusal)
        if message.state != Message.State.DROPPED:
            return acted(request, calculation, lambda: None, say=_("The offer is on its way"))
        why = _why(Verdict.from_json(message.verdict))
        form.add_error("channel", _("The communication policy does not let it go. %(why)s") % {"why": why})
    response = _dialog(request, calculation, form, stopped)
    # Opening the client's page changed the calculation, whether or not the message went.
    return trigger_client_event(response, "calculation-changed", {}) if form.is_bound else response


@require_POST
@requires(Permission.CONTRACTS_WRITE, Permission.CONTACTS_WRITE)
def link(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Open the client's page, for whoever hands the address over; the dialog shows it."""
    calculation = find(request, calculation_id)
    try:
        operations.make_page(**who(request), calculation=calculation)
    except Refusal as refusal:
        return refused(request, calculation, refusal)
    form = ChannelForm()
    stopped = _ways(form, calculation)
    response = _dialog(request, calculation, form, stopped)
    response.status_code = 200
    toast = {"text": _("The page is open: copy its address"), "kind": "good"}
    trigger_client_event(response, "toast", toast)
    return trigger_client_event(response, "calculation-changed", {})


def _dialog(
    request: HttpRequest, calculation: Calculation, form: ChannelForm, stopped: list[tuple[str, Verdict]]
) -> HttpResponse:
    calculation.refresh_from_db(fields=["token", "version"])
    ways = form.fields["channel"].choices  # type: ignore[attr-defined]
    return dialog(
        request, calculation, "offer", _("Send the calculation"), form=form, ways=ways, link=operations.page_url(calculation),
        stopped=[(name, _why(verdict)) for name, verdict in stopped],
        lacks_consent=any(verdict.reason == Code.CONSENT for _name, verdict in stopped),
    )  # fmt: skip


def _ways(form: ChannelForm, calculation: Calculation) -> list[tuple[str, Verdict]]:
    """Leave the channels by which the client can be reached in ``form``; those that are stopped now, each with why."""
    points = ContactPoint.objects.filter(client=calculation.client_id, do_not_use=False)
    known = set(points.values_list("kind", flat=True))
    field = form.fields["channel"]
    ways = [one for one in field.choices if KINDS[one[0]] in known]  # type: ignore[attr-defined]
    words = str(calculation)
    asked = [
        Ask(client_id=calculation.client_id, channel=code, purpose=Purpose.SERVICE, subject=words, text=words)
        for code, _name in ways
    ]
    verdicts = [one.verdict for one in assess_all(asked, now=timezone.now())]
    judged = list(zip(ways, verdicts, strict=True))
    field.choices = ways  # type: ignore[attr-defined]
    field.initial = next((code for (code, _name), verdict in judged if verdict.decision != "drop"), "")
    return [(str(name), verdict) for (_code, name), verdict in judged if verdict.decision == "drop"]


def _why(verdict: Verdict) -> str:
    """The first thing for which the communication policy says no."""
    failed = next((one for one in verdict.checks if not one.passed), None)
    return str(describe(failed)) if failed else ""

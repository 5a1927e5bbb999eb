"""Signing and delivering the documents of a policy: small forms over its page."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from clientela.foundation.audit.operations import record
from clientela.foundation.private_files import private_download
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contracts.models import Policy
from clientela.modules.documents import operations
from clientela.modules.documents.models import Delivery, Document, SignRequest
from clientela.modules.documents.rules_delivery import by_hand
from clientela.workspace.clients.views.acting import Act, act, done
from clientela.workspace.clients.views.found import posted
from clientela.workspace.policies import forms_papers as forms
from clientela.workspace.policies.views import policy_of

SELL = requires(Permission.CONTRACTS_WRITE)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _ready(policy: Policy) -> list[Document]:
    return list(
        Document.objects.filter(policy=policy, state=Document.State.READY).select_related("policy")[:10]
    )


@SELL
def ask_signature(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the client to sign documents by a code."""
    policy = policy_of(request, pk)
    papers = _ready(policy)
    form = forms.SignForm(posted(request), papers=papers)

    def run(data: dict[str, Any]) -> Any:
        return operations.ask_signature(
            **_who(request), documents=forms.chosen(papers, data), channel=data["channel"]
        )

    intro = _(
        "The client gets a link, reads the documents there and signs by a code that comes to the phone of the card."
    )
    said = Act(
        _("Signature of the client"), _("Send the link"), _("The link to sign is on its way"), run, intro
    )
    return act(request, form, said, client=policy.client)


def _request(request: HttpRequest, sign_request_id: int) -> SignRequest:
    rows = SignRequest.objects.visible_to(request.user).select_related("client", "policy", "project__product")
    return get_object_or_404(rows, pk=sign_request_id)


@SELL
@require_POST
def withdraw(request: HttpRequest, sign_request_id: int) -> HttpResponse:
    """The link leads nowhere any more."""
    found = _request(request, sign_request_id)
    try:
        operations.withdraw_signature(**_who(request), request=found)
    except Refusal as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return done(request, found.client, _("The request to sign is withdrawn"))


@require_safe
@requires(Permission.CONTRACTS_READ)
def evidence(request: HttpRequest, sign_request_id: int) -> FileResponse | HttpResponse:
    """The evidence on paper, or with ``?as=json`` as data; noted in the journal."""
    found = get_object_or_404(
        SignRequest.objects.visible_to(request.user), pk=sign_request_id, state=SignRequest.State.SIGNED
    )
    as_data = request.GET.get("as") == "json" or not found.file
    record(actor=request.user, now=timezone.now(), action="signature.downloaded", obj=found)
    if not as_data:
        return private_download(found.file, _("evidence-%(n)s.pdf") % {"n": found.pk})
    body = {"evidence": found.evidence, "sha256": found.evidence_digest}
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-{found.pk}.json"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
@requires(Permission.CONTRACTS_READ)
def stamped(request: HttpRequest, sign_request_id: int, signed_document_id: int) -> FileResponse:
    """The copy of a signed document that carries the stamp."""
    found = get_object_or_404(SignRequest.objects.visible_to(request.user), pk=sign_request_id)
    one = get_object_or_404(found.papers.exclude(stamped=""), document_id=signed_document_id)
    record(actor=request.user, now=timezone.now(), action="document.downloaded", obj=one.document)
    return private_download(one.stamped, f"{one.document}.pdf".replace("/", "-"))


@SELL
def order(request: HttpRequest, pk: int, delivery_way: str) -> HttpResponse:
    """Deliver documents by e-mail, courier or at a pick-up point."""
    policy = policy_of(request, pk)
    if delivery_way not in forms.FORMS:
        raise Http404
    papers = _ready(policy)
    form = forms.FORMS[delivery_way](posted(request), papers=papers, client=policy.client)

    def run(data: dict[str, Any]) -> Any:
        rest = {name: value for name, value in data.items() if name != "documents"}
        return operations.order_delivery(
            **_who(request), policy=policy, way=delivery_way, documents=forms.chosen(papers, data), **rest
        )

    title = {
        "email": _("Send the documents by e-mail"), "courier": _("Order a courier"),
        "pickup": _("Prepare at a pick-up point"),
    }[delivery_way]  # fmt: skip
    submit = _("Send") if delivery_way == "email" else pgettext("act", "Order")
    return act(request, form, Act(title, submit, _("The delivery is ordered"), run), client=policy.client)


@SELL
def move(request: HttpRequest, paper_delivery_id: int, delivery_state: str) -> HttpResponse:
    """Say what happened to a delivery."""
    rows = Delivery.objects.visible_to(request.user).select_related("client", "policy")
    found = get_object_or_404(rows, pk=paper_delivery_id)
    if delivery_state not in Delivery.State.values:
        raise Http404
    form = forms.step_form(delivery_state)(posted(request))
    state = dict(Delivery.State.choices).get(delivery_state, delivery_state)

    def run(data: dict[str, Any]) -> Any:
        return operations.move_delivery(**_who(request), delivery=found, state=delivery_state, **data)

    wrong = delivery_state not in by_hand(found.way, found.state)
    intro = _("The delivery is in another state by now: look at it again.") if wrong else str(found.policy)
    said = Act(str(state), _("Note it"), _("Noted"), run, intro)
    return act(request, form, said, client=found.client)

"""The application of a prepared contract: made, sent to be signed by a code, withdrawn."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.documents import operations
from clientela.modules.quotes.models import Calculation
from clientela.workspace.policies.forms_papers import LinkForm
from clientela.workspace.quotes.papers import Application, application_of
from clientela.workspace.quotes.views.base import acted, body, dialog, find, who


def _of(calculation: Calculation) -> Application:
    project = calculation.project
    return application_of(project, timezone.now()) if project else Application(None, None, waits=False)


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def make(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Have it made from its template, of the contract as it stands now."""
    calculation = find(request, calculation_id)

    def run() -> None:
        operations.ask_document(**who(request), kind="application", project=calculation.project)

    return acted(request, calculation, run, say=_("The application is being made"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CONTRACTS_WRITE)
def ask(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Send the client a link to read and sign it."""
    calculation = find(request, calculation_id)
    document = _of(calculation).document
    form = LinkForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            operations.ask_signature(
                **who(request), documents=[document] if document else [], channel=form.cleaned_data["channel"]
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return acted(request, calculation, lambda: None, say=_("The link to sign is on its way"))
    return dialog(
        request, calculation, "form", _("Signature of the application"), form=form, action=request.path, verb=_("Send the link")
    )  # fmt: skip


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def withdraw(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """The link leads nowhere any more."""
    calculation = find(request, calculation_id)
    asked: Any = _of(calculation).signature
    if asked is None:
        return body(request, calculation.pk)
    return acted(
        request, calculation, lambda: operations.withdraw_signature(**who(request), request=asked),
        say=_("The request to sign is withdrawn"),
    )  # fmt: skip

"""Acts of the one window that need no form of their own."""

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.billing.operations.invoices import bill_project
from clientela.modules.documents.operations import ask_document
from clientela.modules.quotes import operations
from clientela.modules.quotes.queries.prefill import plain
from clientela.modules.sales.operations.told import forget_told
from clientela.workspace.quotes.forms import QuestionsForm
from clientela.workspace.quotes.papers import application_of
from clientela.workspace.quotes.talk import deal_of
from clientela.workspace.quotes.views.base import acted, body, find, version_of, who
from clientela.workspace.quotes.window import Window


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def answers(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Keep an answer as it is given; what is wrong stays in its field with the reason beside it."""
    calculation = find(request, calculation_id)
    window = Window(calculation, today=calculation.starts_on)
    form = QuestionsForm(
        window.questions, request.POST, saved=calculation.answers, origins=calculation.origins
    )
    form.is_valid()
    given = {
        key: value for key, value in form.answers().items() if calculation.answers.get(key) != plain(value)
    }
    try:
        operations.change(
            **who(request), calculation=calculation, version=version_of(request), answers=form.answers()
        )
    except operations.StaleCalculation as refusal:
        said = ", ".join(str(value) for value in form.changed_values())
        text = _("%(why)s You wrote: %(what)s.") % {"why": refusal, "what": said} if said else str(refusal)
        return body(request, calculation.pk, say=text, kind="warn")
    except Refusal as refusal:
        return body(request, calculation.pk, say=str(refusal), kind="bad")
    if given and (deal := deal_of(calculation, caller(request))) is not None:
        forget_told(**who(request), deal=deal, questions=given)
    return body(request, calculation.pk, form=form if form.errors else None)


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def price(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Price again; what is shown is saved already."""
    calculation = find(request, calculation_id)
    return acted(
        request, calculation, lambda: operations.price_again(**who(request), calculation=calculation),
        say=_("Saved, priced by the tariffs of today"),
    )  # fmt: skip


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def take_back(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Work on it again before the underwriter decided."""
    calculation = find(request, calculation_id)
    return acted(request, calculation, lambda: operations.take_back(**who(request), calculation=calculation))


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def reopen(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Work on a closed one again."""
    calculation = find(request, calculation_id)
    return acted(request, calculation, lambda: operations.reopen(**who(request), calculation=calculation))


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def take_back_bill(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """The bill was a mistake, or the client wants something else."""
    calculation = find(request, calculation_id)
    return acted(
        request, calculation, lambda: operations.take_back_bill(**who(request), calculation=calculation),
        say=_("The bill is taken back: the calculation can be changed"), close=False,
    )  # fmt: skip


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def invoice(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Make the contract and its bill: from here on the client can pay."""
    calculation = find(request, calculation_id)

    def act() -> None:
        project = operations.to_project(**who(request), calculation=calculation, version=version_of(request))
        if application_of(project, timezone.now()).document is None:
            ask_document(**who(request), kind="application", project=project)
        if caller(request).can(Permission.PAYMENTS_WRITE):
            bill_project(**who(request), project=project)

    return acted(request, calculation, act, say=_("The bill is ready: the client can pay"))

"""Columns of the comparison: added, changed, chosen, removed."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.quotes import operations
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.queries.facts import answers_of
from clientela.workspace.quotes.forms import QuestionsForm, VariantForm
from clientela.workspace.quotes.views.base import acted, body, dialog, find, find_variant, version_of, who
from clientela.workspace.quotes.window import Window

FORMS = ["GET", "HEAD", "POST"]


def _forms(
    request: HttpRequest, calculation: Calculation, variant: Variant | None
) -> tuple[VariantForm, QuestionsForm]:
    window = Window(calculation, today=calculation.starts_on)
    data = request.POST if request.method == "POST" else None
    own = (variant.changes.get("drivers") if variant else None) or calculation.drivers
    names = {one["name"] for one in own}
    chosen = [str(index) for index, one in enumerate(calculation.drivers) if one["name"] in names]
    form = VariantForm(
        data, drivers=calculation.drivers, chosen=chosen, title=variant.title if variant else ""
    )
    return form, QuestionsForm(window.questions, data, saved=answers_of(calculation, variant))


def _changes(calculation: Calculation, form: VariantForm, questions: QuestionsForm) -> dict[str, Any]:
    """What differs from the calculation; a default that nobody changed is no difference."""
    base = {str(one["key"]): one.get("default", "") for one in questions.questions} | calculation.answers
    answers = {
        key: value for key, value in questions.answers().items() if str(value) != str(base.get(key, ""))
    }
    found: dict[str, Any] = {"answers": answers} if answers else {}
    picked = form.cleaned_data.get("drivers")
    if picked is not None and len(picked) not in (0, len(calculation.drivers)):
        found["drivers"] = [calculation.drivers[int(index)] for index in picked]
    return found


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def add(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """A column of one's own, or a copy of another."""
    calculation = find(request, calculation_id)
    like_id = id_of((request.POST or request.GET).get("like"))
    like = calculation.variants.filter(pk=like_id).first() if like_id else None
    form, questions = _forms(request, calculation, like)
    if request.method == "POST" and form.is_valid() and questions.is_valid():

        def act() -> None:
            operations.add_variant(
                **who(request), calculation=calculation, version=version_of(request),
                title=form.cleaned_data["title"], changes=_changes(calculation, form, questions),
            )  # fmt: skip

        return acted(request, calculation, act)
    return dialog(
        request, calculation, "variant", _("A variant of your own"), form=form, questions=questions,
        action=request.path,
    )  # fmt: skip


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def edit(request: HttpRequest, variant_id: int) -> HttpResponseBase:
    """What differs in this column."""
    variant = find_variant(request, variant_id)
    calculation = find(request, variant.calculation_id)
    form, questions = _forms(request, calculation, variant)
    if request.method == "POST" and form.is_valid() and questions.is_valid():

        def act() -> None:
            operations.change_variant(
                **who(request), variant=variant, version=version_of(request), title=form.cleaned_data["title"],
                changes=_changes(calculation, form, questions),
            )  # fmt: skip

        return acted(request, calculation, act)
    return dialog(
        request, calculation, "variant", _("Change the variant"), form=form, questions=questions,
        action=request.path, variant=variant,
    )  # fmt: skip


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def choose(request: HttpRequest, variant_id: int) -> HttpResponseBase:
    """This is what the client wants."""
    variant = find_variant(request, variant_id)
    try:
        operations.choose(**who(request), variant=variant)
    except Refusal as refusal:
        return body(request, variant.calculation_id, say=str(refusal), kind="bad")
    return body(request, variant.calculation_id)


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def remove(request: HttpRequest, variant_id: int) -> HttpResponseBase:
    """Take the column away."""
    variant = find_variant(request, variant_id)
    calculation = find(request, variant.calculation_id)
    return acted(request, calculation, lambda: operations.remove_variant(**who(request), variant=variant))

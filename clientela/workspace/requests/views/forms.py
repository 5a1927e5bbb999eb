"""Public forms and the other places requests come from: their words, fields, sites, and the line to embed."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.requests.models import Intake
from clientela.modules.requests.operations.setting import FIELDS, change_intake, create_intake
from clientela.workspace.requests.dialogs import FieldForms, IntakeForm
from clientela.workspace.requests.views.rules import _tabs


@require_GET
@requires(Permission.ORGANISATION_WRITE)
def intakes(request: HttpRequest) -> HttpResponse:
    """Every form with where it stands."""
    rows = Intake.objects.select_related("product", "branch", "mailbox", "number")
    context = {"intakes": [{"it": one, "url": page_of(one)} for one in rows], "tabs": _tabs(request, "forms")}
    return render(request, "requests/forms.html", context)


def page_of(intake: Intake) -> str:
    """The form's own page."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("portal:request_form", args=[intake.key])


def snippet(intake: Intake) -> str:
    """The line that a site embeds."""
    public = settings.PUBLIC_URL.rstrip("/")
    return f'<script src="{public}/request-form.js" data-form="{intake.key}" async></script>'


def _shown(
    request: HttpRequest, form: IntakeForm, fields: Any, title: str, intake: Intake | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "fields": fields,
        "title": title,
        "intake": intake,
        "back": reverse("requests:forms"),
    }
    if intake is not None:
        context |= {
            "snippet": snippet(intake),
            "page_url": page_of(intake),
            "versions": intake.consents.all()[:10],
        }
    wrong = form.errors or (fields.is_bound and not fields.is_valid())
    return render(request, "requests/form.html", context, status=422 if wrong else 200)


def _values(form: IntakeForm, fields: Any) -> dict[str, Any]:
    values = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
    rows = [dict(one) for one in fields.cleaned_data if one.get("label")]
    for one in rows:
        one["choices"] = (one.get("choices") or "").split(",")
        one["kind"] = one.get("kind") or "text"
    return values | {"fields": rows, "origins": form.cleaned_data["sites"].splitlines()}


def _refused(form: IntakeForm, refusal: Refusal) -> None:
    field = {"origins": "sites"}.get(refusal.field, refusal.field)
    form.add_error(field if field in form.fields else None, str(refusal))


@require_http_methods(["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def create(request: HttpRequest) -> HttpResponseBase:
    """A new form."""
    form, fields = (
        IntakeForm(request.POST or None, initial={"is_active": True}),
        FieldForms(request.POST or None, prefix="field"),
    )
    if request.method == "POST" and form.is_valid() and fields.is_valid():
        data = form.cleaned_data
        try:
            made = create_intake(
                actor=caller(request), now=timezone.now(), key=data["key"], values=_values(form, fields), consent=data["consent"]
            )  # fmt: skip
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            return redirect("requests:form", made.pk)
    return _shown(request, form, fields, _("New form"))


@require_http_methods(["GET", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def change(request: HttpRequest, intake_id: int) -> HttpResponseBase:
    """The words, fields and sites of a form, the versions of its consent, and the line of code to copy."""
    intake = get_object_or_404(Intake, pk=intake_id)
    last = intake.consents.order_by("-number").first()
    initial = {"sites": "\n".join(intake.origins), "consent": last.text if last else ""}
    kept = [{**one, "choices": ", ".join(one.get("choices", []))} for one in intake.fields]
    form = IntakeForm(request.POST or None, instance=Intake.objects.get(pk=intake_id), initial=initial)
    fields = FieldForms(request.POST or None, prefix="field", initial=kept)
    if request.method == "POST" and form.is_valid() and fields.is_valid():
        try:
            change_intake(
                actor=caller(request), now=timezone.now(), intake=intake, values=_values(form, fields),
                consent=form.cleaned_data["consent"],
            )  # fmt: skip
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
            return redirect("requests:form", intake.pk)
    return _shown(request, form, fields, intake.name, intake)

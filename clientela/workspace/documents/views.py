"""The pages of templates of documents."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.identifiers import policy_number_key
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.documents import operations
from clientela.modules.documents.models import Kind, Template
from clientela.modules.documents.operations.shipped import newer_shipped
from clientela.modules.documents.rules import BLOCKS, VARIABLES
from clientela.modules.products.models import Product
from clientela.modules.products.queries import name_of
from clientela.workspace.documents.compare import compared
from clientela.workspace.documents.forms import TemplateForm

EDIT = requires(Permission.DOCUMENTS_WRITE)
OPEN = (Template.State.DRAFT, Template.State.PROPOSED)
OF_PROJECT = (Kind.APPLICATION, Kind.INVOICE, Kind.OFFER)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


@EDIT
def listing(request: HttpRequest) -> HttpResponse:
    """What is in force and what waits, by kind."""
    rows = list(
        Template.objects.exclude(state=Template.State.RETIRED).select_related("author", "approved_by")
    )
    newer = {row.pk for row in rows if newer_shipped(row)}
    names = {one.code: name_of(one) for one in Product.objects.all()}
    told = [(row, names.get(row.product_code, row.product_code)) for row in rows]
    return render(request, "papers/list.html", {"rows": told, "newer": newer})


@EDIT
def create(request: HttpRequest) -> HttpResponse:
    return _editor(request, None)


@EDIT
def template(request: HttpRequest, paper_template_id: int) -> HttpResponse:
    """One version: its text, and the form of the next draft of the same kind, product and language."""
    return _editor(request, get_object_or_404(Template, pk=paper_template_id))


def _editor(request: HttpRequest, shown: Template | None) -> HttpResponse:
    line = {name: getattr(shown, name) for name in ("kind", "product_code", "language")} if shown else {}
    form = TemplateForm(
        request.POST or None, initial={"name": shown.name, "html": shown.html, **line} if shown else None
    )
    if shown is not None:
        for name in line:
            del form.fields[name]
    if request.method == "POST" and form.is_valid():
        try:
            draft = operations.edit_template(**_who(request), **{**line, **form.cleaned_data})
        except Refusal as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("The draft is kept"))
            return redirect("papers:template", draft.pk)
    context = {
        "form": form, "template": shown, "variables": VARIABLES.items(), "blocks": BLOCKS.items(),
        "versions": Template.objects.filter(**line).select_related("author", "approved_by") if shown else [],
        "editable": shown is None or shown.state != Template.State.PROPOSED,
        "own": shown is not None and shown.author_id == request.user.pk, "newer": _newer(shown),
    }  # fmt: skip
    return render(request, "papers/template.html", context, status=422 if form.errors else 200)


def _newer(shown: Template | None) -> Template | None:
    """The version in force of the same line, where the product ships a newer text than it began with."""
    if shown is None:
        return None
    line = {name: getattr(shown, name) for name in ("kind", "product_code", "language")}
    in_force = Template.objects.filter(**line, state=Template.State.ACTIVE).first()
    return in_force if in_force is not None and newer_shipped(in_force) else None


@EDIT
@require_http_methods(["GET", "HEAD", "POST"])
def shipped(request: HttpRequest, paper_template_id: int) -> HttpResponse:
    """The text in force beside the newer shipped one: take it over, or stay with the own."""
    found = get_object_or_404(Template, pk=paper_template_id)
    if request.method == "POST":
        take = request.POST.get("do") == "take"
        act = operations.take_shipped if take else operations.keep_own
        try:
            kept = act(**_who(request), template=found)
        except Refusal as error:
            messages.error(request, str(error))
            return redirect("papers:template", found.pk)
        said = _("In force from now on; the version before is in the list") if take else _("Your text stays")
        messages.success(request, said)
        return redirect("papers:template", kept.pk)
    text = newer_shipped(found)
    if not text:
        return redirect("papers:template", found.pk)
    return render(request, "papers/shipped.html", {"template": found, "lines": compared(found.html, text)})


@EDIT
@require_POST
def move(request: HttpRequest, paper_template_id: int, step: str) -> HttpResponse:
    """Propose, return, approve, or put an earlier version in force again."""
    steps = {
        "proposal": (operations.propose_template, _("Waits for a second person")),
        "return": (operations.return_template, _("Returned to the draft")),
        "approval": (operations.approve_template, _("In force from now on")),
        "restoration": (operations.restore_template, _("In force from now on")),
    }
    act, said = steps[step]
    try:
        moved = act(**_who(request), template=get_object_or_404(Template, pk=paper_template_id))
    except Refusal as error:
        messages.error(request, str(error))
        return redirect("papers:template", paper_template_id)
    messages.success(request, said)
    return redirect("papers:template", moved.pk)


@EDIT
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The text as it stands in the form, as a PDF of a real record; nothing is kept."""
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        raise Http404
    sample = Template(
        kind=kind, html=request.POST.get("html", "")[:100_000], name=request.POST.get("name", "")[:120],
        language="en" if request.POST.get("language") == "en" else "ru",
    )  # fmt: skip
    contract = _record(request, kind)
    if contract is None:
        return _told(_("There is no record to show it on: type the number of another policy."))
    try:
        operations.check_template(sample.html)
        pdf = operations.preview(sample, contract, now=timezone.now())
    except Refusal as error:
        return _told(str(error))
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="preview.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _told(text: str) -> HttpResponse:
    return HttpResponse(text, status=422, content_type="text/plain; charset=utf-8")


def _record(request: HttpRequest, kind: str) -> Policy | Project | None:
    """The policy with the typed number, else the newest that the person may see."""
    if kind in OF_PROJECT:
        return Project.objects.visible_to(request.user).order_by("-id").first()
    rows = Policy.objects.visible_to(request.user)
    if number := policy_number_key(request.POST.get("number", "")):
        rows = rows.filter(number_key=number)
    return rows.order_by("-id").first()

"""Templates: the list, the editor with its preview, and what two people do with a version."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, ensure, requires
from clientela.modules.contacts.forms import TemplateForm, TextForm
from clientela.modules.contacts.models import WRITTEN, Channel, Template
from clientela.modules.contacts.operations import (
    InvalidTemplate,
    OwnTemplate,
    WrongState,
    approve_template,
    draft_template,
    edit_template,
    retire_template,
    revise_template,
)
from clientela.modules.contacts.queries.templates import (
    counts,
    next_client,
    preview,
    sample_client,
    templates,
)
from clientela.modules.contacts.rules import VARIABLES, describe, headline
from clientela.modules.contacts.views.messages import KINDS

State = Template.State


@require_safe
@requires(Permission.ORGANISATION_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Templates by state; the retired ones stand apart."""
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    known = counts()
    tabs = [
        ("", pgettext("templates", "In use"), known[State.DRAFT] + known[State.APPROVED]),
        (State.DRAFT, pgettext("templates", "Drafts"), known[State.DRAFT]),
        (State.APPROVED, pgettext("templates", "Approved"), known[State.APPROVED]),
        (State.RETIRED, pgettext("templates", "Retired"), known[State.RETIRED]),
    ]
    context = {
        "rows": list(templates(state)),
        "tabs": [
            {
                "label": label,
                "url": f"?state={code}" if code else "?",
                "count": count,
                "current": code == state,
            }
            for code, label, count in tabs
        ],
        "may_write": _may_write(request),
    }
    return render(request, "contacts/templates.html", context)


def _may_write(request: HttpRequest) -> bool:
    return bool(request.user.can(Permission.POLICY_WRITE))  # type: ignore[union-attr]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.POLICY_WRITE)
def create(request: HttpRequest) -> HttpResponse:
    """A new template."""
    form = TemplateForm(request.POST or None, initial={"language": "ru", "channel": "sms"})
    if request.method == "POST" and form.is_valid():
        try:
            template = draft_template(actor=request.user, now=timezone.now(), **form.cleaned_data)
        except InvalidTemplate as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, _("The draft is kept. Somebody else approves it."))
            return redirect("contacts:template", template.pk)
    return _editor(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORGANISATION_READ)
def edit(request: HttpRequest, template_id: int) -> HttpResponse:
    """A template; a POST changes the words of a draft."""
    template = _template(template_id)
    initial = {name: getattr(template, name) for name in TextForm.base_fields}
    form = TextForm(request.POST or None, initial=initial)
    if request.method == "POST":
        ensure(request.user, Permission.POLICY_WRITE)
        if form.is_valid():
            try:
                edit_template(actor=request.user, now=timezone.now(), template=template, **form.cleaned_data)
            except InvalidTemplate as invalid:
                form.refuse(invalid.errors)
            except WrongState:
                form.add_error(None, _("This version is not a draft any more: make a new version."))
            else:
                messages.success(request, _("The draft is kept. Somebody else approves it."))
                return redirect("contacts:template", template.pk)
    return _editor(request, form, template)


def _template(template_id: int) -> Template:
    return get_object_or_404(Template.objects.select_related("author", "approved_by"), pk=template_id)


def _editor(request: HttpRequest, form: TextForm, template: Template | None) -> HttpResponse:
    def value(name: str) -> str:
        return str(form[name].value() or "") if name in form.fields else ""

    channel = template.channel if template else value("channel")
    seen = preview(
        client=sample_client(request.user),
        channel=channel,
        purpose=value("purpose") or "service",
        subject=value("subject"),
        body=value("body"),
        now=timezone.now(),
    )
    versions = Template.objects.none()
    if template is not None:
        same = {name: getattr(template, name) for name in ("code", "channel", "language")}
        versions = (
            Template.objects.filter(**same).select_related("author", "approved_by").order_by("-version")
        )
    context = {
        "form": form,
        "template": template,
        "channel": channel,
        "may_write": _may_write(request),
        "editable": _may_write(request) and (template is None or template.state == State.DRAFT),
        "own": template is not None and template.author_id == request.user.pk,
        "variables": [(f"{{{name}}}", about) for name, about in VARIABLES.items()],
        "versions": versions[:50],
    } | _seen(seen)
    return render(request, "contacts/template.html", context, status=422 if form.errors else 200)


def _seen(seen: Any) -> dict[str, Any]:
    context: dict[str, Any] = {"seen": seen, "checks": []}
    if seen.verdict is not None:
        context["kind"], context["word"] = KINDS[seen.verdict.decision], headline(seen.verdict)
        context["checks"] = [
            {
                "state": "yes" if check.passed else ("wait" if seen.verdict.decision == "wait" else "no"),
                "text": describe(check),
            }
            for check in seen.verdict.checks
        ]
    return context


@require_POST
@requires(Permission.ORGANISATION_READ)
def show_preview(request: HttpRequest) -> HttpResponse:
    """What is being typed, on a real client; ``next`` shows it on another one."""
    given = request.POST
    client_id = id_of(given.get("client")) or 0
    client = (
        next_client(request.user, client_id) if "next" in given else sample_client(request.user, client_id)
    )
    channel = given.get("channel", "sms")
    seen = preview(
        client=client,
        channel=channel if channel in (*WRITTEN, Channel.LETTER) else "sms",
        purpose=given.get("purpose", "service"),
        subject=given.get("subject", "")[:200],
        body=given.get("body", "")[:20_000],
        now=timezone.now(),
    )
    return render(request, "contacts/parts/preview.html", {"channel": channel} | _seen(seen))


@require_POST
@requires(Permission.POLICY_WRITE)
def approve(request: HttpRequest, template_id: int) -> HttpResponse:
    """Put a draft of somebody else in force."""
    template = _template(template_id)
    try:
        approve_template(actor=request.user, now=timezone.now(), template=template)
        messages.success(request, _("Approved: these words are in force now."))
    except OwnTemplate:
        messages.error(request, _("Whoever wrote the words does not approve them: ask a colleague."))
    except WrongState:
        messages.error(request, _("This version is not a draft any more."))
    return redirect("contacts:template", template_id)


@require_POST
@requires(Permission.POLICY_WRITE)
def retire(request: HttpRequest, template_id: int) -> HttpResponse:
    """Take a version out of use."""
    try:
        retire_template(actor=request.user, now=timezone.now(), template=_template(template_id))
        messages.success(request, _("The version is out of use."))
    except WrongState:
        messages.error(request, _("This version is out of use already."))
    return redirect("contacts:templates")


@require_POST
@requires(Permission.POLICY_WRITE)
def revise(request: HttpRequest, template_id: int) -> HttpResponse:
    """Begin the next version with the words of this one, or open the draft that is there."""
    template = _template(template_id)
    same = {name: getattr(template, name) for name in ("code", "channel", "language")}
    try:
        draft = revise_template(actor=request.user, now=timezone.now(), template=template)
    except InvalidTemplate:
        draft = get_object_or_404(Template, state=State.DRAFT, **same)
    return redirect("contacts:template", draft.pk)

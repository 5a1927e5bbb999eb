"""Making a PDF: asked for once, made by a job, kept with its digest.

The file is written under a name that its token and its digest decide before the row says that it is ready: a run cut
anywhere writes the same file again, and of two runs at once each writes its own, of which the row names one.
"""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.billing.operations.invoices import bill_project
from clientela.modules.clients.queries import require
from clientela.modules.contracts.models import Policy, PolicyVersion, Project
from clientela.modules.contracts.operations.versions import current_version
from clientela.modules.documents.events import DocumentReady
from clientela.modules.documents.files import drop_file, keep_file
from clientela.modules.documents.models import Document, Kind, Template
from clientela.modules.documents.paper import pdf_of

JOB = "documents.make"
_OF_PROJECT = (Kind.APPLICATION, Kind.INVOICE, Kind.OFFER)
_PARTS = ("insured_object", "product", "agent", "branch", "bank")


class NoTemplate(Refusal):
    """No template of this kind is in force."""

    message = gettext_lazy("No template of this kind is in force for the product.")


class DocumentKindWrong(Refusal):
    """An application, an invoice and an offer are of a project; the rest are of a policy."""

    message = gettext_lazy("This document is not of this kind of record.")
    field = "kind"


@transaction.atomic
def ask_document(
    *, actor: Any, now: datetime, kind: str, policy: Policy | None = None, project: Project | None = None,
    version: PolicyVersion | None = None,
) -> Document:  # fmt: skip
    """Have a document made: of a version of a policy (the current one unless named), or of a project as it stands.

    A document of a version is made once: asked again, it is returned; one that could not be made is tried again. Of a project
    the one that is being made is returned.
    Raises ``DocumentKindWrong``, ``PermissionDenied``.
    """
    contract: Policy | Project | None = policy or project
    if contract is None or (kind in _OF_PROJECT) != (policy is None):
        raise DocumentKindWrong
    require(actor, "contracts.write", contract.client_id)
    if policy is not None:
        version = version or current_version(policy)
        known = Document.objects.select_for_update().filter(version=version, kind=kind).first()
        if known is not None:
            if known.state == Document.State.FAILED:
                known.state, known.fault = Document.State.MAKING, ""
                known.save(update_fields=["state", "fault"])
                _queue(known, actor=actor, now=now, key=f"{JOB}:{known.pk}:{now.isoformat()}")
            return known
    else:
        waiting = Document.objects.filter(project=project, kind=kind, state=Document.State.MAKING).first()
        if waiting is not None:
            return waiting
    document = Document.objects.create(
        kind=kind, client_id=contract.client_id, policy=policy, version=version, project=project,
        is_duplicate=version is not None and version.kind == PolicyVersion.Kind.DUPLICATE,
        token=secrets.token_urlsafe(16), created_by=actor, created_at=now,
    )  # fmt: skip
    _queue(document, actor=actor, now=now, key=f"{JOB}:{document.pk}")
    record(actor=actor, now=now, action="document.asked", obj=document, changes={"kind": [None, kind]})
    return document


def _queue(document: Document, *, actor: Any, now: datetime, key: str) -> None:
    title = _("Document: %(name)s") % {"name": document}
    enqueue(kind=JOB, title=title, now=now, args={"document": document.pk}, actor=actor, schedule_key=key)


def run_making(run: Run) -> dict[str, Any]:
    """The job."""
    document = make(document_id=run.args["document"], now=timezone.now())
    return {"state": document.state, "fault": document.fault}


def make(*, document_id: int, now: datetime) -> Document:
    """Set the pages and keep the file; a document that is ready stays as it is. A fault is kept on the document."""
    document = _whole(document_id)
    if document.state == Document.State.READY:
        return document
    values: dict[str, Any]
    try:
        template = template_of(document)
        if document.kind == Kind.INVOICE and document.project is not None:
            bill_project(actor=None, now=now, project=document.project)
        pdf = pdf_of(document, template, today=local_today(settings.TIME_ZONE, now))
    except Refusal as error:
        values = {"state": Document.State.FAILED, "fault": str(error)[:255]}
    else:
        name, digest = keep_file(f"documents/{document.token}", pdf)
        values = {
            "state": Document.State.READY, "file": name, "digest": digest, "size": len(pdf), "template": template,
            "made_at": now, "fault": "", "premium": document.project.premium if document.project else None,
        }  # fmt: skip
    with transaction.atomic():
        if Document.objects.filter(pk=document.pk, state=Document.State.MAKING).update(**values):
            event = DocumentReady(
                document.pk, document.client_id, document.policy_id, values["state"], document.project_id
            )
            publish(event, now=now)
    document.refresh_from_db()
    drop_file(values.get("file", ""), document.file.name)
    return document


def _whole(document_id: int) -> Document:
    related = [f"{contract}__{part}" for contract in ("policy", "project") for part in _PARTS]
    return Document.objects.select_related("client", "version", "policy__client", *related).get(
        pk=document_id
    )


def template_of(document: Document) -> Template:
    """In force: the product's own before the common one, in the client's language before Russian."""
    contract: Any = document.policy or document.project
    found = Template.objects.filter(
        kind=document.kind, state=Template.State.ACTIVE, product_code__in=["", contract.product.code],
        language__in=["ru", document.client.language],
    )  # fmt: skip
    best = sorted(found, key=lambda one: (one.language != document.client.language, one.product_code == ""))
    if not best:
        raise NoTemplate
    return best[0]


def preview(template: Template, contract: Policy | Project, *, now: datetime) -> bytes:
    """The template on a real record; nothing is kept. Raises ``NoPrinter``, ``TemplateFault``."""
    policy = contract if isinstance(contract, Policy) else None
    project = contract if isinstance(contract, Project) else None
    document = Document(
        kind=template.kind, client=contract.client, policy=policy, project=project, token="x" * 22,
        version=unsaved_version(policy) if policy else None,
    )  # fmt: skip
    return pdf_of(document, template, today=local_today(settings.TIME_ZONE, now))


def unsaved_version(policy: Policy) -> PolicyVersion:
    """The policy's last version, or what would be its first one."""
    last = policy.versions.order_by("-number").first()
    return last or PolicyVersion(
        policy=policy, number=1, kind=PolicyVersion.Kind.ISSUE, valid_from=policy.start_date, premium=policy.premium,
        charged=policy.premium, sum_insured=policy.sum_insured, difference=0,
    )  # fmt: skip

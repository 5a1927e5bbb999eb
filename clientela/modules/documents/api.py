"""Documents and their templates over the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.problems import map_problem
from clientela.foundation.audit.operations import record
from clientela.foundation.private_files import private_download
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.documents import operations
from clientela.modules.documents.models import Document, Template
from clientela.modules.documents.operations.shipped import newer_shipped
from clientela.modules.documents.rules import TemplateFault

READ, WRITE = requires(Permission.CONTRACTS_READ), requires(Permission.CONTRACTS_WRITE)
EDIT = requires(Permission.DOCUMENTS_WRITE)
router = Router(tags=["documents"])
for refusal in (operations.DocumentKindWrong, TemplateFault):
    map_problem(refusal, 422)
for conflict in (
    operations.NotADraft, operations.NotProposed, operations.ApprovedByAuthor, operations.NothingShipped, operations.NotRetired,
):  # fmt: skip
    map_problem(conflict, 409)


class PaperOut(Schema):
    """``digest`` is the SHA-256 of the file, ``check_url`` the public page that its square code leads to."""

    id: int
    kind: str
    client_id: int
    policy_id: int | None
    version_id: int | None
    project_id: int | None
    is_duplicate: bool
    state: str
    fault: str
    digest: str
    size: int
    created_at: datetime
    made_at: datetime | None


class PolicyDocumentIn(Schema):
    kind: Literal["policy", "endorsement", "cancellation", "receipt"] = "policy"


class ProjectDocumentIn(Schema):
    kind: Literal["application", "invoice", "offer"]


class DocumentTemplateIn(Schema):
    """The draft of the next version. Variables stand in double braces."""

    kind: Literal["policy", "application", "invoice", "offer", "endorsement", "cancellation", "receipt"]
    product_code: Annotated[str, Field(max_length=20)] = ""
    language: Literal["ru", "en"] = "ru"
    name: Annotated[str, Field(min_length=1, max_length=120)]
    html: Annotated[str, Field(min_length=1, max_length=100_000)]


class DocumentTemplateOut(Schema):
    id: int
    kind: str
    product_code: str
    language: str
    number: int
    name: str
    html: str
    state: str
    author_id: int | None
    approved_by_id: int | None
    changed_at: datetime


class ShippedTextOut(Schema):
    """``html`` is empty where this version began with the newest shipped text."""

    html: str


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _policy(request: HttpRequest, policy_id: int) -> Policy:
    return get_object_or_404(Policy.objects.visible_to(request.user), pk=policy_id)


def _project(request: HttpRequest, project_id: int) -> Project:
    return get_object_or_404(Project.objects.visible_to(request.user), pk=project_id)


def _document(request: HttpRequest, paper_id: int) -> Document:
    return get_object_or_404(Document.objects.visible_to(request.user), pk=paper_id)


@router.get("/policies/{policy_id}/documents", response=list[PaperOut])
@READ
def list_of_policy(request: HttpRequest, policy_id: int) -> Any:
    """The newest first."""
    return Document.objects.filter(policy=_policy(request, policy_id))[:200]


@router.post("/policies/{policy_id}/documents", response={202: PaperOut})
@WRITE
def ask_of_policy(request: HttpRequest, policy_id: int, body: PolicyDocumentIn) -> Any:
    """Have the document of the current version made; a version has one of each kind."""
    found = _policy(request, policy_id)
    return Status(202, operations.ask_document(**_who(request), policy=found, kind=body.kind))


@router.get("/projects/{project_id}/documents", response=list[PaperOut])
@READ
def list_of_project(request: HttpRequest, project_id: int) -> Any:
    return Document.objects.filter(project=_project(request, project_id))[:200]


@router.post("/projects/{project_id}/documents", response={202: PaperOut})
@WRITE
def ask_of_project(request: HttpRequest, project_id: int, body: ProjectDocumentIn) -> Any:
    """Have a document made of the project as it stands now."""
    found = _project(request, project_id)
    return Status(202, operations.ask_document(**_who(request), project=found, kind=body.kind))


@router.get("/papers/{paper_id}", response=PaperOut)
@READ
def paper(request: HttpRequest, paper_id: int) -> Any:
    return _document(request, paper_id)


@router.get("/papers/{paper_id}/file", response={200: Any})
@READ
def paper_file(request: HttpRequest, paper_id: int) -> FileResponse:
    """The PDF; 404 while it is being made."""
    found = get_object_or_404(Document.objects.visible_to(request.user), pk=paper_id, state="ready")
    record(**_who(request), action="document.downloaded", obj=found)
    return private_download(found.file, f"{found.kind}-{found.pk}.pdf")


@router.get("/document-templates", response=list[DocumentTemplateOut])
@EDIT
def list_templates(request: HttpRequest) -> Any:
    """All versions, the newest of each line first."""
    return Template.objects.all()[:500]


@router.post("/document-templates", response={201: DocumentTemplateOut})
@EDIT
def edit_template(request: HttpRequest, body: DocumentTemplateIn) -> Any:
    return Status(201, operations.edit_template(**_who(request), **body.dict()))


@router.post("/document-templates/{paper_template_id}/proposal", response=DocumentTemplateOut)
@EDIT
def propose_template(request: HttpRequest, paper_template_id: int) -> Any:
    found = get_object_or_404(Template, pk=paper_template_id)
    return operations.propose_template(**_who(request), template=found)


@router.post("/document-templates/{paper_template_id}/approval", response=DocumentTemplateOut)
@EDIT
def approve_template(request: HttpRequest, paper_template_id: int) -> Any:
    """By a second person."""
    found = get_object_or_404(Template, pk=paper_template_id)
    return operations.approve_template(**_who(request), template=found)


@router.post("/document-templates/{paper_template_id}/return", response=DocumentTemplateOut)
@EDIT
def return_template(request: HttpRequest, paper_template_id: int) -> Any:
    found = get_object_or_404(Template, pk=paper_template_id)
    return operations.return_template(**_who(request), template=found)


@router.get("/document-templates/{paper_template_id}/shipped", response=ShippedTextOut)
@EDIT
def shipped_text(request: HttpRequest, paper_template_id: int) -> Any:
    """The shipped text that is newer than the one this version began with."""
    return {"html": newer_shipped(get_object_or_404(Template, pk=paper_template_id))}


@router.post("/document-templates/{paper_template_id}/shipped", response=DocumentTemplateOut)
@EDIT
def take_shipped(request: HttpRequest, paper_template_id: int) -> Any:
    """Put the newer shipped text in force; the version it replaces can come back."""
    found = get_object_or_404(Template, pk=paper_template_id)
    return operations.take_shipped(**_who(request), template=found)


@router.delete("/document-templates/{paper_template_id}/shipped", response=DocumentTemplateOut)
@EDIT
def keep_own(request: HttpRequest, paper_template_id: int) -> Any:
    """Stay with the company's own text until the next one is shipped."""
    found = get_object_or_404(Template, pk=paper_template_id)
    return operations.keep_own(**_who(request), template=found)


@router.post("/document-templates/{paper_template_id}/restoration", response=DocumentTemplateOut)
@EDIT
def restore_template(request: HttpRequest, paper_template_id: int) -> Any:
    """Put a retired version in force again, as a new version."""
    found = get_object_or_404(Template, pk=paper_template_id)
    return operations.restore_template(**_who(request), template=found)

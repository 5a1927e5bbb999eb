"""Signatures by a one-time code over the API."""

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
from clientela.modules.documents.models import Document, SignRequest

READ, WRITE = requires(Permission.CONTRACTS_READ), requires(Permission.CONTRACTS_WRITE)
router = Router(tags=["documents"])
for refusal in (operations.NothingToSign, operations.LinkNotAllowed):
    map_problem(refusal, 422)
for conflict in (
    operations.ContractWithdrawn,
    operations.FileChanged,
    operations.PaperOutdated,
    operations.SignatureOver,
):
    map_problem(conflict, 409)


class SignatureIn(Schema):
    """Documents of one policy, or of one project, that are ready."""

    document_ids: Annotated[list[int], Field(min_length=1, max_length=10)]
    channel: Literal["sms", "email"] = "sms"


class SignatureOut(Schema):
    """``evidence`` is empty until the client has signed; ``evidence_digest`` is the SHA-256 of its data."""

    id: int
    client_id: int
    policy_id: int | None
    project_id: int | None
    state: str
    channel: str
    document_ids: list[int]
    evidence: dict[str, Any]
    evidence_digest: str
    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None
    signed_at: datetime | None

    @staticmethod
    def resolve_document_ids(row: SignRequest) -> list[int]:
        return [one.document_id for one in row.papers.all()]


def _find(request: HttpRequest, sign_request_id: int) -> SignRequest:
    return get_object_or_404(SignRequest.objects.visible_to(request.user), pk=sign_request_id)


def _ask(request: HttpRequest, body: SignatureIn, of_contract: Any) -> Any:
    found = of_contract.filter(pk__in=body.document_ids).select_related("policy", "project__product")
    documents = list(found) if len(found) == len(set(body.document_ids)) else []
    asked = operations.ask_signature(
        actor=request.user, now=timezone.now(), documents=documents, channel=body.channel
    )
    return Status(201, asked)


@router.get("/policies/{policy_id}/signatures", response=list[SignatureOut])
@READ
def signatures_of_policy(request: HttpRequest, policy_id: int) -> Any:
    """The newest first."""
    policy = get_object_or_404(Policy.objects.visible_to(request.user), pk=policy_id)
    return SignRequest.objects.filter(policy=policy).prefetch_related("papers")[:200]


@router.post("/policies/{policy_id}/signatures", response={201: SignatureOut})
@WRITE
def ask_policy_signature(request: HttpRequest, policy_id: int, body: SignatureIn) -> Any:
    """Ask the client to sign; the same documents asked for again while the client thinks are the same request."""
    policy = get_object_or_404(Policy.objects.visible_to(request.user), pk=policy_id)
    return _ask(request, body, Document.objects.filter(policy=policy))


@router.get("/projects/{project_id}/signatures", response=list[SignatureOut])
@READ
def signatures_of_project(request: HttpRequest, project_id: int) -> Any:
    """Of the application and whatever else was signed before there is a policy; the newest first."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=project_id)
    return SignRequest.objects.filter(project=project).prefetch_related("papers")[:200]


@router.post("/projects/{project_id}/signatures", response={201: SignatureOut})
@WRITE
def ask_project_signature(request: HttpRequest, project_id: int, body: SignatureIn) -> Any:
    """Ask the client to sign documents of a prepared contract: make them by POST /projects/{project_id}/documents first."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=project_id)
    return _ask(request, body, Document.objects.filter(project=project))


@router.get("/signatures/{sign_request_id}", response=SignatureOut)
@READ
def signature(request: HttpRequest, sign_request_id: int) -> Any:
    return _find(request, sign_request_id)


@router.get("/signatures/{sign_request_id}/evidence", response={200: Any})
@READ
def signature_evidence(request: HttpRequest, sign_request_id: int) -> FileResponse:
    """The evidence as a PDF; 404 until it is made."""
    rows = SignRequest.objects.visible_to(request.user).exclude(file="")
    found = get_object_or_404(rows, pk=sign_request_id, state="signed")
    record(actor=request.user, now=timezone.now(), action="signature.downloaded", obj=found)
    return private_download(found.file, f"evidence-{found.pk}.pdf")


@router.post("/signatures/{sign_request_id}/withdrawal", response=SignatureOut)
@WRITE
def withdraw_signature_request(request: HttpRequest, sign_request_id: int) -> Any:
    """The client's link leads nowhere any more."""
    found = _find(request, sign_request_id)
    return operations.withdraw_signature(actor=request.user, now=timezone.now(), request=found)

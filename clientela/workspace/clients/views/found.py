"""Records of a request, found within the person's scope; anything else is 404."""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Attachment, Client, ContactPoint, IdentityDocument, Note
from clientela.modules.contracts.models import InsuredObject, Policy, Project, Quote


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was filled with; None while it is only being shown."""
    return request.POST if request.method == "POST" else None


def client_of(request: HttpRequest, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user).select_related("agent", "branch"), pk=pk)


def _of_visible(request: HttpRequest, model: Any, pk: int, path: str) -> Any:
    visible = Client.objects.visible_to(request.user).values("pk")
    first = path.removesuffix("client").rstrip("_")
    rows = model.objects.select_related(first or "client")
    return get_object_or_404(rows, pk=pk, **{f"{path}__in": visible})


def contact_of(request: HttpRequest, pk: int) -> ContactPoint:
    return _of_visible(request, ContactPoint, pk, "client")


def document_of(request: HttpRequest, pk: int) -> IdentityDocument:
    return _of_visible(request, IdentityDocument, pk, "client")


def note_of(request: HttpRequest, pk: int) -> Note:
    return _of_visible(request, Note, pk, "client")


def file_of(request: HttpRequest, pk: int) -> Attachment:
    return _of_visible(request, Attachment, pk, "client")


def object_of(request: HttpRequest, pk: int) -> InsuredObject:
    return _of_visible(request, InsuredObject, pk, "client")


def claim_of(request: HttpRequest, pk: int) -> Claim:
    return _of_visible(request, Claim, pk, "client")


def policy_of(request: HttpRequest, pk: int) -> Policy:
    rows = Policy.objects.visible_to(request.user).select_related(
        "client", "product", "insured_object", "bank"
    )
    return get_object_or_404(rows, pk=pk)


def project_of(request: HttpRequest, pk: int) -> Project:
    rows = Project.objects.visible_to(request.user).select_related("policy", "client", "product")
    return get_object_or_404(rows, pk=pk)


def quote_of(request: HttpRequest, pk: int) -> Quote:
    return _of_visible(request, Quote, pk, "policy__client")

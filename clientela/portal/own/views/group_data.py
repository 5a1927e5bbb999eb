"""What companies of the group told about the client, and the client's own word on it."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clientela.modules.group.models import FactKind
from clientela.modules.group.operations.consents import NoDocument, NotToBeContacted, give_consent, take_back
from clientela.modules.group.queries.consents import consent_of, document_of, newest_document
from clientela.modules.group.queries.facts import known_of
from clientela.modules.group.queries.shown import value_of
from clientela.portal.own.access import OwnRequest, common, signed_in

OWN = "own pages"


@require_safe
@signed_in
def show(request: OwnRequest) -> HttpResponse:
    """Facts with their companies and days; the consent they stand under, and how to take it back."""
    return render(request, "own/group_data.html", _context(request))


def _context(request: OwnRequest) -> dict[str, object]:
    now = timezone.now()
    consent = consent_of(request.owner, now=now)
    newest = newest_document()
    return common(request) | {
        "rows": [{"fact": one.fact, "value": value_of(one.fact)} for one in known_of(request.owner, now=now)],
        "consent": consent, "document": document_of(consent), "newest": newest,
        "is_newest": consent is not None and newest is not None and consent.text_version == newest.version,
        "kinds": FactKind.objects.filter(is_active=True) if newest else [],
        "gone": "gone" in request.GET,
    }  # fmt: skip


@require_POST
@signed_in
def agree(request: OwnRequest) -> HttpResponseBase:
    """The client ticked the box themselves: it is never ticked beforehand."""
    if request.POST.get("agree") != "yes":
        words = _("Tick the box if you agree.")
        return render(request, "own/group_data.html", _context(request) | {"refused": words}, status=422)
    try:
        give_consent(actor=None, now=timezone.now(), client=request.owner, source=OWN)
    except (NoDocument, NotToBeContacted) as refusal:
        return render(
            request, "own/group_data.html", _context(request) | {"refused": str(refusal)}, status=409
        )
    return redirect("own:group_data")


@require_POST
@signed_in
def withdraw(request: OwnRequest) -> HttpResponseBase:
    """Taken back: when the page answers, nothing of it is left."""
    take_back(actor=None, now=timezone.now(), client=request.owner, via=OWN)
    return redirect(f"{reverse('own:group_data')}?gone=1")

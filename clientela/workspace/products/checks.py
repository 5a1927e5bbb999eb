"""The check of a draft on past calculations on its page: asked for, how far it is, what it found."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from clientela.foundation.jobs.models import Job
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.products.models import ProductVersion
from clientela.modules.quotes.models import Calculation
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations import checking, definitions
from clientela.modules.rating.operations.regression import WIDEST, has_passed

HIGHEST = 70  # px
LEAST_BARS = 3  # on either side of nothing


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRODUCTS_READ)
def of_table(request: HttpRequest, tariff_version_id: int) -> HttpResponseBase:
    """Sent, it begins; asked for, how far it is."""
    version = get_object_or_404(TableVersion.objects.select_related("table__product"), pk=tariff_version_id)
    page = f"{reverse('product_pages:table', args=[version.table_id])}?v={version.number}#check"
    return _begin(request, version, page) if request.method == "POST" else _part(request, version)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRODUCTS_READ)
def of_product(request: HttpRequest, product_version_id: int) -> HttpResponseBase:
    """Sent, it begins; asked for, how far it is."""
    version = get_object_or_404(ProductVersion.objects.select_related("product"), pk=product_version_id)
    page = f"{reverse('product_pages:definition', args=[version.pk])}#check"
    return _begin(request, version, page) if request.method == "POST" else _part(request, version)


def _begin(request: HttpRequest, version: TableVersion | ProductVersion, page: str) -> HttpResponseBase:
    """From the page itself only the check is drawn anew: what is typed and not saved yet stays."""
    refused = ""
    try:
        checking.begin(actor=caller(request), now=timezone.now(), version=version)
    except definitions.Faulty as bad:
        refused = " ".join(f"{one.where}: {one.text}" for one in bad.faults[:5])
    except Refusal as why:
        refused = str(why)
    if request.htmx:  # type: ignore[attr-defined]
        version.refresh_from_db()
        answer = _part(request, version)
        return trigger_client_event(answer, "toast", {"text": refused, "kind": "bad"}) if refused else answer
    if refused:
        messages.error(request, refused)
    return redirect(page)


def _part(request: HttpRequest, version: TableVersion | ProductVersion) -> HttpResponse:
    return render(request, "products/check.html", checked_of(version, caller(request)) | {"version": version})


def checked_of(version: TableVersion | ProductVersion, user: Any) -> dict[str, Any]:
    """The check that is under way or has stopped, and the last result."""
    job = checking.job_of(version)
    name = "check" if isinstance(version, TableVersion) else "definition_check"
    told: dict[str, Any] = {
        "check_url": reverse(f"product_pages:{name}", args=[version.pk]), "checked": _result(version, user),
        "may_check": version.state == "draft" and user.can(Permission.PRODUCTS_WRITE),
    }  # fmt: skip
    if job is not None and job.is_open:
        share = 100 * job.done / job.total if job.total else 0
        told["under_way"] = {"job": job, "percent": round(share)}
    elif job is not None and job.state == Job.State.FAILED:
        told["stopped"] = True
    return told


def _result(version: TableVersion | ProductVersion, user: Any) -> dict[str, Any] | None:
    found = version.regression
    if "bars" not in found:
        return None
    counted = [percent for percent, count in found["bars"] if count]
    low, high = (
        min([-LEAST_BARS, *(one - 1 for one in counted)]),
        max([LEAST_BARS, *(one + 1 for one in counted)]),
    )
    beside = max((count for percent, count in found["bars"] if percent), default=0) or 1
    bars = [
        {
            "percent": percent, "count": count, "height": min(2 + HIGHEST * count // beside, HIGHEST + 4),
            "label": _label(percent), "color": "ink-4" if not percent else "c4" if percent > 0 else "c3",
        }
        for percent, count in found["bars"]
        if low <= percent <= high
    ]  # fmt: skip
    numbers = [one["number"] for one in found["most"]]
    seen = Calculation.objects.visible_to(user).filter(number__in=numbers)
    links = dict(seen.values_list("number", "pk"))
    was, now = Decimal(found["was"]), Decimal(found["now"])
    return found | {
        "bars": bars, "is_cut": any(found[name] for name in ("cheaper", "dearer")) and any(not one["percent"] and one["count"] > beside for one in bars),
        "is_stale": found["content"] != version.content_stamp, "is_passed": has_passed(version),
        "cases": found["same"] + found["cheaper"] + found["dearer"] + found["failed"],
        "changed": found["cheaper"] + found["dearer"], "together": (now - was) * 100 / was if was else None,
        "most": [one | {"pk": links.get(one["number"])} for one in found["most"]],
        "when": _moment(found.get("at", "")), "seconds": _seconds(version),
    }  # fmt: skip


def _label(percent: int) -> str:
    if not percent:
        return "0"
    sign = "+" if percent > 0 else "−"
    edge = {WIDEST: "≥", -WIDEST: "≤"}.get(percent, "")
    return f"{edge}{sign}{abs(percent)}"


def _moment(text: str) -> datetime | None:
    return parse_datetime(text) if text else None


def _seconds(version: TableVersion | ProductVersion) -> int | None:
    job = checking.job_of(version)
    if job is None or job.started_at is None or job.finished_at is None:
        return None
    return max(1, round((job.finished_at - job.started_at).total_seconds()))


def told_of(version: TableVersion | ProductVersion) -> dict[str, Any]:
    """How far the check is, for the API."""
    job = checking.job_of(version)
    return {
        "job_id": job.pk if job else 0, "state": job.state if job else "", "done": job.done if job else 0,
        "total": job.total if job else None, "is_passed": has_passed(version),
        "regression": version.regression,
    }  # fmt: skip

"""What proves a signature: who, what, when, from where and by which message; as data, on paper, and as a stamp."""

from datetime import UTC, datetime
from html import escape
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from clientela.foundation.jobs.operations import Run
from clientela.foundation.ui.printing import set_pages
from clientela.modules.contacts.models import Message, OneTimeCode
from clientela.modules.documents.files import drop_file, keep_file
from clientela.modules.documents.models import SignedPaper, SignRequest
from clientela.modules.documents.paper import FONTS, check_url, sheet_pdf

JOB = "documents.evidence"
_MOMENTS = ("signed_at", "asked_at", "code_asked_at")


def mask_phone(phone: str) -> str:
    """Enough to know it by, too little to ring it: ``+7 917 •••-••-08``."""
    return f"{phone[:2]} {phone[2:5]} •••-••-{phone[-2:]}"


def evidence_of(
    row: SignRequest, papers: list[SignedPaper], *, code: OneTimeCode, ip: str, user_agent: str
) -> dict[str, Any]:
    """Frozen at the moment of signing. The code itself is nowhere: its digest is."""
    assert row.signed_at is not None
    zone = row.client.time_zone
    return {
        "signer": row.client.name, "client_id": row.client_id, "phone": mask_phone(row.phone),
        "contract": str(row.policy or row.project), "signed_at": row.signed_at.astimezone(UTC).isoformat(timespec="seconds"),
        "signed_at_local": row.signed_at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"), "time_zone": zone,
        "asked_at": row.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        "opened_at": row.opened_at.astimezone(UTC).isoformat(timespec="seconds") if row.opened_at else None,
        "ip": ip, "user_agent": user_agent, "agreement": row.agreement, "bound_to": row.digest,
        "code_digest": code.digest, "code_asked_at": code.created_at.astimezone(UTC).isoformat(timespec="seconds"), "code_tries": code.tries + 1,
        "message_id": code.message_id,
        "documents": [
            {"id": one.document_id, "title": str(one.document), "sha256": one.digest, "size": one.document.size,
             "check": check_url(one.document.token)}
            for one in papers
        ],
    }  # fmt: skip


def receipt_of(row: SignRequest) -> dict[str, Any]:
    """What the network has told of the message with the code, until now."""
    message = Message.objects.filter(pk=row.evidence.get("message_id")).first()
    if message is None:
        return {}
    return {
        "state": message.state,
        "state_words": str(message.get_state_display()),
        "sent_at": message.sent_at,
        "external_id": message.external_id,
    }


def run_evidence(run: Run) -> dict[str, Any]:
    """The job; cut anywhere, it writes the same files again."""
    row = keep_evidence(request_id=run.args["request"], now=timezone.now())
    return {"file": row.file.name}


def keep_evidence(*, request_id: int, now: datetime) -> SignRequest:
    """Set the evidence on paper and put the stamp on copies; the signed files themselves stay as they are."""
    rows = SignRequest.objects.select_related("client", "policy", "project__product")
    row = rows.get(pk=request_id, state=SignRequest.State.SIGNED)
    with override(row.client.language):
        for one in row.papers.filter(stamped="").select_related("document"):
            with one.document.file.open("rb") as stored:
                copy = stamped(stored.read(), _words(row))
            name, digest = keep_file(f"documents/{one.document.token}-{row.pk}-signed", copy)
            SignedPaper.objects.filter(pk=one.pk, stamped="").update(stamped=name, stamped_digest=digest)
            one.refresh_from_db()
            drop_file(name, one.stamped.name)
        if not row.file:
            name, _digest = keep_file(f"documents/evidence-{row.token[:24]}", _paper(row))
            SignRequest.objects.filter(pk=row.pk, file="").update(file=name)
            row.refresh_from_db(fields=["file"])
            drop_file(name, row.file.name)
    return row


def _local(row: SignRequest) -> str:
    moment = datetime.fromisoformat(row.evidence["signed_at_local"])
    offset = moment.strftime("%z")
    return f"{moment:%d.%m.%Y %H:%M:%S} (UTC{offset[:3]}:{offset[3:]})"


def _utc(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%d.%m.%Y %H:%M:%S}"


def _words(row: SignRequest) -> list[str]:
    return [
        _("Signed by a simple electronic signature (63-FZ)"),
        f"{row.evidence['signer']}, {row.evidence['phone']}",
        f"{_local(row)} · {row.evidence_digest[:16]}",
    ]


def stamped(pdf: bytes, lines: list[str]) -> bytes:
    """A copy with the stamp at the foot of every page, where the margin is free."""
    from pypdf import PdfReader, PdfWriter

    words = "<br>".join(escape(line) for line in lines)
    html = (
        f"<style>@page {{ size: A4; margin: 0 }} div {{ position: fixed; left: 108mm; width: 66mm; bottom: 3.5mm; "
        f"border: .7pt solid #1f4e9e; border-radius: 1.2mm; color: #1f4e9e; font: 5.6pt/1.32 {FONTS}; text-align: center; "
        f"padding: .8mm 1mm }}</style><div>{words}</div>"
    )
    mark = PdfReader(BytesIO(set_pages(html).write_pdf())).pages[0]
    writer = PdfWriter(clone_from=BytesIO(pdf))
    for page in writer.pages:
        page.merge_page(mark)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _paper(row: SignRequest) -> bytes:
    branch = (row.policy or row.project).branch  # type: ignore[union-attr]
    body: str = render_to_string(
        "documents/evidence.html",
        {
            "evidence": row.evidence | {name: _utc(row.evidence[name]) for name in _MOMENTS},
            "local": _local(row),
            "digest": row.evidence_digest,
            "receipt": receipt_of(row),
        },
    )
    body = body.replace("63-ФЗ", '<span class="num">63-ФЗ</span>')
    return sheet_pdf(
        title=_("Evidence of a signature"), body=body, language=row.client.language, branch=branch.name,
        contacts=settings.SHORT_NUMBER,
    )  # fmt: skip

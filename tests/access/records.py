"""A record for every parameter of an address: one that Казань may see, and one of Борис that it may not.

A new parameter must be told here, else the matrix fails: the key is (last word of the path before it, name).
``foreign`` is None where the record belongs to nobody in particular.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile

from clientela.foundation.api.models import Token
from clientela.foundation.audit.operations import record
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.jobs.models import Job
from clientela.foundation.lists.models import SavedView
from clientela.foundation.outbox.models import Delivery, Event
from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Instalment, Payment
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Address, Attachment, IdentityDocument, Note
from clientela.modules.contacts.models import CommunicationPolicy, Message, Template
from clientela.modules.contracts.models import Project, Quote
from clientela.modules.organisation.models import Absence, NormTarget
from clientela.modules.renewals.models import LossReason, Schedule, ScheduleVersion, Step, Touch


@dataclass(frozen=True)
class Pair:
    """The value of a parameter: within reach of Казань, and out of it."""

    own: Any
    foreign: Any = None


def _of_client(client: Any, policy: Any, renewal: Any, user: Any, now: Any) -> dict[str, Any]:
    """Everything that hangs on one client."""
    common = {"created_at": now}
    touch = Touch.objects.create(
        renewal=renewal, step_key="base:call", term_end=renewal.end_date, day=17, channel="operator",
        due_on=now.date(), due_at=now, **common,
    )  # fmt: skip
    project = Project.objects.create(
        policy=policy, start_date=policy.end_date + timedelta(days=1), end_date=policy.end_date + timedelta(days=365),
        premium=Decimal(9000), carried_premium=Decimal(8533), pay_token=f"pay-token-{client.pk}", updated_at=now,
        **common,
    )  # fmt: skip
    message = Message.objects.create(
        direction="out", channel="sms", client=client, address="+79170004108", text="…", state="sent",
        token=f"message-token-{client.pk}", not_before=now, **common,
    )  # fmt: skip
    Address.objects.create(client=client, city="Казань", is_primary=True)
    Instalment.objects.create(policy=policy, number=1, due_on=policy.start_date, amount=policy.premium)
    attachment = Attachment(
        client=client, name="scan.txt", size=4, sha256="0" * 64, uploaded_by=user, uploaded_at=now
    )
    attachment.file.save("scan.txt", ContentFile(b"scan"))
    return {
        "client": client.pk,
        "policy": policy.pk,
        "renewal": renewal.pk,
        "touch": touch.pk,
        "project": project.pk,
        "pay_token": project.pay_token,
        "message": message.pk,
        "message_token": message.link_token,
        "contact": client.contact_points.first().pk,
        "document": IdentityDocument.objects.create(client=client, kind="passport", number=f"920800{client.pk:04}").pk,
        "note": Note.objects.create(client=client, text="note", author=user, **common).pk,
        "file": attachment.pk,
        "quote": Quote.objects.create(policy=policy, premium=Decimal(9000), **common).pk,
        "object": policy.insured_object_id,
        "claim": Claim.objects.create(
            number=f"У-{client.pk}", policy=policy, client=client, occurred_on=date(2026, 5, 1), reported_at=now
        ).pk,
        "payment": Payment.objects.create(
            client=client, policy=policy, amount=Decimal(1), method="cash", paid_at=now, **common
        ).pk,
    }  # fmt: skip


def _of_person(user: Any, now: Any) -> dict[str, Any]:
    """What belongs to one person of the staff."""
    run = ImportRun.objects.create(**_import_fields(user, now))
    return {
        "user": user.pk,
        "agent": user.agent.pk,
        "branch": user.agent.branch_id,
        "team": user.agent.team_id,
        "view": SavedView.objects.create(list_key="clients", name="x", owner=user).pk,
        "session": UserSession.objects.create(user=user, ip="10.0.0.1", session_key=f"s{user.pk}", user_agent="x").pk,
        "token": Token.objects.create(
            user=user, name="x", digest=f"{user.pk:064}", hint="x", scopes=["clients.read"], created_at=now
        ).pk,
        "absence": Absence.objects.create(
            person=user, substitute=User.objects.create(email=f"substitute{user.pk}@prichal.example", role="agent"),
            first_day=now.date() + timedelta(days=20), last_day=now.date() + timedelta(days=25), created_at=now,
        ).pk,
        "norm": NormTarget.objects.create(agent=user.agent, line="mortgage", percent=Decimal(80)).pk,
        "export": Job.objects.create(
            kind="clients.export", title="x", created_by=user, created_at=now, not_before=now, state="done"
        ).pk,
        "import": run.pk,
    }  # fmt: skip


def _import_fields(user: Any, now: Any) -> dict[str, Any]:
    """Required fields of an import, whatever they are now."""
    values: dict[str, Any] = {}
    for one in ImportRun._meta.concrete_fields:
        if one.primary_key or one.null or one.has_default():
            continue
        kind = one.get_internal_type()
        values[one.name] = {
            "ForeignKey": user, "DateTimeField": now, "BigIntegerField": 1, "IntegerField": 1,
            "PositiveIntegerField": 1, "PositiveBigIntegerField": 1, "JSONField": {}, "BooleanField": False,
        }.get(kind, "x")  # fmt: skip
    names = {one.name for one in ImportRun._meta.concrete_fields}
    for owner in ("created_by", "started_by", "user", "owner"):
        if owner in names:
            values[owner] = user
    return values


def _common(now: Any) -> dict[str, Any]:
    """What belongs to the whole company."""
    schedule, _ = Schedule.objects.get_or_create(code="matrix", defaults={"name": "Matrix"})
    version = ScheduleVersion.objects.create(schedule=schedule, number=1, created_at=now)
    step = Step.objects.create(
        version=version, key="sms-30", name="SMS", day=30, channel="sms", at_time="10:00"
    )
    job = Job.objects.create(
        kind="audit.seal", title="Seal the journal", state="failed", created_at=now, not_before=now,
        schedule_key="audit.seal:0@x",
    )  # fmt: skip
    event = Event.objects.create(name="x.Y", payload={}, at=now)
    delivery = Delivery.objects.create(event=event, handler="x.y", state="failed", next_attempt_at=now)
    LossReason.objects.get_or_create(code="sold", defaults={"name": "Продан", "name_en": "Sold"})
    CommunicationPolicy.objects.create(
        weekday_from="09:00", weekday_to="21:00", weekend_from="10:00", weekend_to="19:00", created_at=now
    )
    template = Template.objects.create(code="hello", name="x", channel="sms", body="x", created_at=now)
    entry = record(actor=None, now=now, action="client.read", object_type="clients.client", object_id=1)
    return {
        "schedule": schedule.pk, "version": version.pk, "version_number": version.number, "step": step.pk,
        "step_key": step.key, "job": job.pk, "delivery": delivery.pk, "template": template.pk, "entry": entry.pk,
    }  # fmt: skip


def world(cast: dict[str, Any], now: Any) -> dict[tuple[str, str], Pair]:
    """All parameters with their records."""
    own = _of_client(cast["vera"], cast["vera_policy"], cast["vera_renewal"], cast["anna"], now)
    foreign = _of_client(
        cast["boris_client"], cast["boris_policy"], cast["boris_renewal"], cast["boris"], now
    )
    mine, his, common = _of_person(cast["anna"], now), _of_person(cast["boris"], now), _common(now)
    centre = cast["volga"].pk

    def both(name: str) -> Pair:
        return Pair(own[name], foreign[name]) if name in own else Pair(mine[name], his[name])

    def shared(name: str) -> Pair:
        return Pair(common[name])

    clients = {
        ("clients", "pk"): "client", ("clients", "client_id"): "client", ("client", "client_id"): "client",
        ("contacts", "pk"): "contact", ("contacts", "contact_id"): "contact", ("documents", "pk"): "document",
        ("documents", "document_id"): "document", ("identity-documents", "document_id"): "document",
        ("replies", "message_id"): "message", ("notes", "pk"): "note", ("notes", "note_id"): "note",
        ("files", "pk"): "file", ("files", "file_id"): "file", ("policies", "pk"): "policy",
        ("policies", "policy_id"): "policy", ("quotes", "pk"): "quote", ("quotes", "quote_id"): "quote",
        ("projects", "pk"): "project", ("projects", "project_id"): "project", ("objects", "pk"): "object",
        ("objects", "object_id"): "object", ("claims", "pk"): "claim", ("claims", "claim_id"): "claim",
        ("payments", "payment_id"): "payment", ("renewals", "renewal_id"): "renewal",
        ("calls", "touch_id"): "touch", ("touches", "touch_id"): "touch", ("messages", "message_id"): "message",
        ("agents", "agent_id"): "agent", ("branches", "branch_id"): "branch", ("teams", "team_id"): "team",
        ("people", "user_id"): "user", ("views", "pk"): "view", ("views", "view_id"): "view",
        ("sessions", "session_id"): "session", ("tokens", "token_id"): "token", ("norms", "norm_id"): "norm",
        ("absences", "absence_id"): "absence",
        ("exports", "pk"): "export", ("imports", "run_id"): "import", ("imports", "pk"): "import",
        ("imports", "import_id"): "import", ("phone", "client_id"): "client",
    }  # fmt: skip
    company = {
        ("schedules", "schedule_id"): "schedule", ("schedule-versions", "version_id"): "version",
        ("versions", "number"): "version_number", ("steps", "step_id"): "step", ("steps", "key"): "step_key",
        ("jobs", "job_id"): "job", ("deliveries", "delivery_id"): "delivery",
        ("failed-reactions", "delivery_id"): "delivery", ("audit", "entry_id"): "entry",
        ("templates", "template_id"): "template",
        ("message-templates", "template_id"): "template", ("templates", "pk"): "template",
    }  # fmt: skip
    words = {
        ("bulk", "act"): "hold", ("export", "kind"): "csv", ("renewals", "code"): "hold",
        ("conditions", "code"): "line_in", ("restored-steps", "token"): "nonsense", ("key", "uidb36"): "1",
        ("-", "key"): "set-password",
    }  # fmt: skip
    found = {key: both(name) for key, name in clients.items()}
    found |= {key: shared(name) for key, name in company.items()}
    found |= {key: Pair(word) for key, word in words.items()}
    found[("centres", "centre_id")] = found[("renewal-centres", "centre_id")] = Pair(centre)
    found[("t", "token")] = found[("u", "token")] = Pair(own["message_token"])
    found[("pay", "token")] = found[("pay", "pay_token")] = Pair(own["pay_token"])
    found[("c", "signed")] = Pair("nonsense")
    return found

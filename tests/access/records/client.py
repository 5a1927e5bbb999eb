"""What hangs on one client: messages, calls, requests, files, family."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from clientela.foundation.sealing import seal
from clientela.modules.billing.models import Instalment, Payment
from clientela.modules.bonus_malus.models import Dispute, Lookup
from clientela.modules.calls.models import Call, CallBack, Recording
from clientela.modules.chat.models import MessageFile as ChatFile
from clientela.modules.chat.operations.messages import say
from clientela.modules.chat.operations.rooms import open_record
from clientela.modules.claims.models import Claim, ClaimPhoto
from clientela.modules.clients.models import (
    Address,
    Attachment,
    Belonging,
    Client,
    FieldValue,
    IdentityDocument,
    LifeEvent,
    Note,
    Photo,
    Relation,
)
from clientela.modules.clients.operations import merge_clients
from clientela.modules.contacts.models import (
    Conversation,
    DraftFile,
    HandOver,
    Message,
    MessageFile,
    PhoneClaim,
)
from clientela.modules.contracts.models import Project, Quote
from clientela.modules.contracts.operations.projects import carried_over
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.group.models import Candidate, SisterCompany, Waiting
from clientela.modules.group.operations.taking import SEALED
from clientela.modules.privacy.models import DataFile, Erasure
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.renewals.models import Touch
from clientela.modules.requests.models import Request
from clientela.modules.resolution.models import LinkModel
from clientela.modules.resolution.models import Pair as DuplicatePair
from clientela.modules.robot.models import Dialogue, RobotCall
from clientela.modules.routing.models import WorkItem
from tests.access.records.sale import money, papers, sale


def of_client(client: Any, policy: Any, renewal: Any, user: Any, now: Any) -> dict[str, Any]:
    """Everything that hangs on one client."""
    common, phone = {"created_at": now}, client.contact_points.get(kind="phone").value
    touch = Touch.objects.create(
        renewal=renewal, step_key="base:call", term_end=renewal.end_date, day=17, channel="operator",
        due_on=now.date(), due_at=now, **common,
    )  # fmt: skip
    project = Project.objects.create(
        policy=policy, **carried_over(policy), start_date=policy.end_date + timedelta(days=1), end_date=policy.end_date + timedelta(days=365),
        premium=Decimal(9000), carried_premium=Decimal(8533), pay_token=f"pay-token-{client.pk}", updated_at=now,
        **common,
    )  # fmt: skip
    message = Message.objects.create(
        direction="out", channel="sms", client=client, address=phone, text="…", html="<p>…</p>", state="sent",
        token=f"message-token-{client.pk}", not_before=now, **common,
    )  # fmt: skip
    reply = Message.objects.create(
        direction="in", channel="sms", client=client, address=phone, text="…", state="received",
        not_before=now, **common,
    )  # fmt: skip
    talk = Conversation.objects.create(
        client=client, agent=client.agent, branch=client.branch, centre=client.centre, channel="sms", address=phone,
        assignee=user, last_at=now, last_in_at=now, last_text="…", waiting_since=now, answer_by=now, **common,
    )  # fmt: skip
    WorkItem.objects.create(
        kind="conversation", ref_id=talk.pk, media="letter", agent=client.agent, branch=client.branch, centre=client.centre,
        queue=f"branch:{client.branch_id}", state="held", assignee=user, queued_at=now, since=now,
    )  # fmt: skip
    complaint = HandOver.objects.create(
        conversation=talk,
        client=client,
        messages=[reply.pk],
        excerpt="…",
        urgency="usual",
        by=user,
        at=timezone.now(),
    )
    draft_file = DraftFile.objects.create(
        conversation=talk, author=user, file="x", name="x.pdf", size=1, created_at=timezone.now()
    )
    PhoneClaim.objects.create(client=client, channel="sms", address=phone, phone="+79990000000", made_at=now)
    letter = MessageFile(message=message, name="x.txt", size=1)
    letter.file.save("x.txt", ContentFile(b"x"))
    told = Call.objects.create(
        direction="in", client=client, number=phone, our_number="*0999", agent=client.agent, branch=client.branch,
        centre=client.centre, state="ended", person=user, started_at=now, answered_at=now, ended_at=now, outcome="talked",
    )  # fmt: skip
    CallBack.objects.create(
        call=told, client=client, number=phone, agent=client.agent, branch=client.branch, centre=client.centre,
        person=user, why="missed", asked_at=now, call_by=now,
    )  # fmt: skip
    asked = Request.objects.create(
        source="web", client=client, agent=client.agent, branch=client.branch, centre=client.centre, name=client.name, phone=phone,
        assignee=user, due_at=now, came_at=now, **common,
    )  # fmt: skip
    recording = Recording(
        call=told, name=f"call-{client.pk}", started_at=now, ended_at=now, keep_until=now.date()
    )
    recording.file.save("x.wav", ContentFile(b"RIFF"))
    dialogue, _ = Dialogue.objects.get_or_create(code="matrix", defaults={"name": "x", "robot": "x"})
    robot_call = RobotCall.objects.create(
        client=client, dialogue=dialogue, origin="x", origin_id=client.pk, next_at=now, until=now, **common
    )
    matrix = CallingList.objects.create(
        code=f"matrix-{client.pk}", name="x", branch=client.branch, centre=client.centre, updated_at=now
    )
    calling = Entry.objects.create(
        calling=matrix, client=client, origin="x", origin_id=client.pk, next_at=now, until=now, **common
    )
    Address.objects.create(client=client, city="Казань", is_primary=True)
    Instalment.objects.create(policy=policy, number=1, due_on=policy.start_date, amount=policy.premium)
    attachment = Attachment(
        client=client, name="scan.txt", size=4, sha256="0" * 64, uploaded_by=user, uploaded_at=now
    )
    attachment.file.save("scan.txt", ContentFile(b"scan"))
    room = open_record(actor=user, now=now, record_type="client", record_id=client.pk)
    said = say(actor=user, now=timezone.now(), room=room, text="x", files=[ContentFile(b"x", "x.txt")])
    lookup = Lookup.objects.create(
        driver_key=f"matrix-{client.pk}", on=now.date(), last_name="x", first_name="x", birth_date=now.date(), client=client,
        state="known", klass="3", found_by="new", created_at=now,
    )  # fmt: skip
    disputed = Dispute.objects.create(
        client=client, lookup=lookup, klass="3", claimed_klass="9", reason="x", created_at=now
    )
    photo = Photo(client=client, token=f"photo-token-{client.pk}", uploaded_by=user, uploaded_at=now)
    photo.file.save("photo.jpg", ContentFile(b"photo"))
    return {
        "client": client.pk,
        "policy": policy.pk,
        "renewal": renewal.pk,
        "touch": touch.pk,
        "robot_call": robot_call.pk, "attempt": robot_call.attempts.create(number=1, line=f"robot-{client.pk}", client=client, rung_at=now).pk,
        "calling_list": matrix.pk, "calling_entry": calling.pk,
        "calling_attempt": calling.tries.create(number=1, client=client, began_at=now, outcome="busy", ended_at=now).pk,
        "call": told.pk,
        "call_back": told.call_back.pk,
        "recording": recording.pk,
        "project": project.pk,
        "pay_token": project.pay_token,
        **papers(policy, project, now),
        "message": message.pk,
        "conversation": talk.pk, "request": asked.pk, "complaint": complaint.pk, "draft_file": draft_file.pk,
        "reply": reply.pk,
        "room": room.pk,
        "said": said.pk,
        "chat_file": ChatFile.objects.get(message=said).pk,
        "message_file": letter.pk,
        "message_token": message.link_token,
        "contact": client.contact_points.first().pk,
        "merge": merged(client, now), "duplicate": duplicate(client, now),
        "other_client": other_card(client, now).pk,
        "document": IdentityDocument.objects.create(client=client, kind="passport", number=f"920800{client.pk:04}").pk,
        "note": Note.objects.create(client=client, text="note", author=user, **common).pk,
        "file": attachment.pk,
        "photo": photo.token,
        "value": FieldValue.objects.create(
            client=client, field="birth_date", value={"birth_date": "1971-02-03"}, value_key="x", state="other",
            source="import", first_seen=now, last_seen=now,
        ).pk,
        "erasure": Erasure.objects.create(client_card=client.pk, reason="wish", asked_at=now).pk,
        "data_file": DataFile.objects.create(
            client=client, asked_at=now, expires_at=now + timedelta(days=3650), file=ContentFile(b"zip", name="data.zip")
        ).pk,
        "relation": Relation.objects.create(client=client, kind="child", name="x", created_at=now).pk,
        "belonging": Belonging.objects.create(client=client, kind="flat", title="x", created_at=now).pk,
        "life_event": LifeEvent.objects.create(client=client, kind="car", on=now.date(), created_at=now).pk,
        "group_waiting": told_by_group(client, now),
        "class_lookup": lookup.pk, "class_dispute": disputed.pk,
        **sale(client, policy, user, now),
        "quote": Quote.objects.create(policy=policy, premium=Decimal(9000), **common).pk,
        "object": policy.insured_object_id,
        **claimed(policy, client, now),
        "feedback": feedback(client, now),
        "payment": Payment.objects.create(
            client=client, policy=policy, amount=Decimal(1), method="cash", paid_at=now, **common
        ).pk,
    } | money(client, policy, now)  # fmt: skip


def told_by_group(client: Any, now: Any) -> int:
    """A report of a sister company that may be about this client."""
    bank, _ = SisterCompany.objects.get_or_create(code="bank", defaults={"name": "Банк", "kind": "bank"})
    said = seal(SEALED, '{"name": "x", "as_of": "2026-11-01", "values": {}}')
    waiting = Waiting.objects.create(
        company=bank,
        sealed=said,
        why="birth",
        via="api",
        received_at=now,
        gone_on=now.date() + timedelta(days=9),
    )
    Candidate.objects.create(waiting=waiting, client=client)
    return waiting.pk


def claimed(policy: Any, client: Any, now: Any) -> dict[str, Any]:
    claim = Claim.objects.create(
        number=f"У-{client.pk}", policy=policy, client=client, occurred_on=date(2026, 5, 1), reported_at=now,
        token=f"claim-token-{client.pk}", due_on=now.date(), bic="044525225", account="40817810899910004312",
    )  # fmt: skip
    photo = ClaimPhoto(claim=claim, view="front", size=5, digest="0" * 64, taken_at=now)
    photo.file.save("photo.jpg", ContentFile(b"photo"))
    return {"claim": claim.pk, "claim_token": claim.token, "claim_photo": photo.pk}


def other_card(client: Any, now: Any) -> Client:
    return Client.objects.create(
        last_name=client.last_name, agent=client.agent, branch=client.branch, centre=client.centre, created_at=now,
        updated_at=now,
    )  # fmt: skip


def merged(client: Any, now: Any) -> int:
    return merge_clients(actor=None, now=now, kept=client, gone=other_card(client, now)).pk


def duplicate(client: Any, now: Any) -> int:
    other = other_card(client, now)
    model, _ = LinkModel.objects.get_or_create(
        is_active=True, defaults={"parameters": {}, "cards": 2, "made_at": now}
    )
    low, high = sorted((client.pk, other.pk))
    return DuplicatePair.objects.create(
        low_card=low, high_card=high, probability=0.97, weight=5.0, terms=[["birth", "same", 8.5]], model=model, seen_by_job=0
    ).pk  # fmt: skip


def feedback(client: Any, now: Any) -> int:
    values = {"name": "x", "occasion": "purchase", "metric": "nps", "channels": ["sms"], "updated_at": now}
    survey, _ = Survey.objects.get_or_create(code="matrix", defaults=values)
    return SurveyRequest.objects.create(
        survey=survey, client=client, agent=client.agent, branch=client.branch, centre=client.centre, due_at=now,
        occasion=f"matrix:{client.pk}", state="answered", asked_at=now, score=2, group="bad", answered_at=now,
        call_back_by=now, created_at=now, token=f"feedback-token-{client.pk}",
    ).pk  # fmt: skip

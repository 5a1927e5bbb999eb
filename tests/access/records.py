"""A record for every parameter of an address: one of Вера or Анна, one of Борис, and who may reach the first.

A new parameter must be told here, else the matrix fails: the key is (last word of the path before it, name).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from clientela.foundation.api.models import Token
from clientela.foundation.audit.operations import record
from clientela.foundation.imports.models import RowError
from clientela.foundation.imports.operations import start_run
from clientela.foundation.jobs.models import Job
from clientela.foundation.lists.models import SavedView
from clientela.foundation.outbox.models import Delivery, Event
from clientela.foundation.push.models import Subscription
from clientela.foundation.webhooks.models import Endpoint
from clientela.foundation.webhooks.signing import new_secret, seal
from clientela.integrations.webchat.models import Widget
from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Instalment, Invoice, Payment, Receipt, Refund
from clientela.modules.bonus_malus.models import Dispute, Lookup
from clientela.modules.calendar.models import AppPassword, Rule
from clientela.modules.calendar.models import Event as Planned
from clientela.modules.calendar.operations.settings import feed_token, renew_feed
from clientela.modules.calls.models import Call, CallBack, Menu, Number, Recording, Sound
from clientela.modules.chat.models import MessageFile as ChatFile
from clientela.modules.chat.operations.messages import say
from clientela.modules.chat.operations.rooms import open_record
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import (
    Address,
    Attachment,
    Belonging,
    Client,
    IdentityDocument,
    LifeEvent,
    Note,
    Photo,
    Relation,
)
from clientela.modules.clients.operations import merge_clients
from clientela.modules.contacts.models import (
    CommunicationPolicy,
    Conversation,
    DraftFile,
    HandOver,
    Macro,
    Message,
    MessageFile,
    PhoneClaim,
    Template,
)
from clientela.modules.contracts.models import Project, Quote
from clientela.modules.contracts.operations.projects import carried_over
from clientela.modules.contracts.operations.versions import first_version
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.documents.models import Delivery as PaperDelivery
from clientela.modules.documents.models import Document, PickupPoint, SignedPaper, SignRequest
from clientela.modules.documents.models import Template as PaperTemplate
from clientela.modules.letters.models import Mailing
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.organisation.models import Absence, Branch, NormTarget
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations.shipped import load_shipped as load_tariffs
from clientela.modules.renewals.models import Experiment, LossReason, Schedule, ScheduleVersion, Step, Touch
from clientela.modules.requests.models import Intake, Request
from clientela.modules.robot.models import Dialogue, DialogueVersion, RobotCall
from clientela.modules.robot.operations.shipped import load_shipped as load_dialogues
from clientela.modules.routing.models import WallScreen, WorkItem
from clientela.modules.routing.operations.screens import digest_of
from clientela.modules.sales.models import Advice, AdviceRule, Deal, Funnel, Script
from clientela.modules.sales.operations.deals import Start, start_deal
from clientela.modules.sales.operations.funnels import load_shipped as load_funnels
from clientela.modules.underwriting.models import Inspection, Referral, Shot
from tests.access.people import COMPANY, INSIDE


@dataclass(frozen=True)
class Pair:
    """The value of a parameter. ``inside``: the roles in whose reach ``own`` is; the company's when None.

    ``foreign`` is out of reach of Казань; None where the record belongs to nobody in particular.
    """

    own: Any
    foreign: Any = None
    inside: frozenset[str] | None = None


def _screen(user: Any, now: Any) -> WallScreen:
    """A screen on the wall of the person's branch."""
    return WallScreen.objects.create(
        name="x", queue=f"branch:{user.agent.branch_id}", digest=digest_of(f"wall-token-{user.pk}"), made_by=user,
        made_at=now,
    )  # fmt: skip


def _sale(client: Any, policy: Any, user: Any, now: Any) -> dict[str, Any]:
    """A calculation with its referral and a photo of its inspection."""
    calculation = Calculation.objects.create(
        number=f"Р-25-{client.pk:06}", number_key=f"P25{client.pk:06}", client=client, product=policy.product,
        starts_on=now.date() + timedelta(days=30), token=f"offer-token-{client.pk}", created_by=user, created_at=now,
        updated_at=now,
    )  # fmt: skip
    variant = Variant.objects.create(calculation=calculation, place=1, is_chosen=True)
    referral = Referral.objects.create(calculation=calculation, created_at=now)
    inspection = Inspection.objects.create(
        referral=referral, token=f"inspection-token-{client.pk}", views=["front"], asked_at=now
    )
    shot = Shot(inspection=inspection, view="front", size=1, taken_at=now)
    shot.file.save("x.jpg", ContentFile(b"x"))
    return {
        "calculation": calculation.pk, "variant": variant.pk, "referral": referral.pk, "shot": shot.pk,
        "offer_token": calculation.token, "inspection_token": inspection.token,
    }  # fmt: skip


def _of_client(client: Any, policy: Any, renewal: Any, user: Any, now: Any) -> dict[str, Any]:
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
        **_papers(policy, project, now),
        "message": message.pk,
        "conversation": talk.pk, "request": asked.pk, "complaint": complaint.pk, "draft_file": draft_file.pk,
        "reply": reply.pk,
        "room": room.pk,
        "said": said.pk,
        "chat_file": ChatFile.objects.get(message=said).pk,
        "message_file": letter.pk,
        "message_token": message.link_token,
        "contact": client.contact_points.first().pk,
        "merge": _merged(client, now),
        "other_client": _other_card(client, now).pk,
        "document": IdentityDocument.objects.create(client=client, kind="passport", number=f"920800{client.pk:04}").pk,
        "note": Note.objects.create(client=client, text="note", author=user, **common).pk,
        "file": attachment.pk,
        "photo": photo.token,
        "relation": Relation.objects.create(client=client, kind="child", name="x", created_at=now).pk,
        "belonging": Belonging.objects.create(client=client, kind="flat", title="x", created_at=now).pk,
        "life_event": LifeEvent.objects.create(client=client, kind="car", on=now.date(), created_at=now).pk,
        "class_lookup": lookup.pk, "class_dispute": disputed.pk,
        **_sale(client, policy, user, now),
        "quote": Quote.objects.create(policy=policy, premium=Decimal(9000), **common).pk,
        "object": policy.insured_object_id,
        "claim": Claim.objects.create(
            number=f"У-{client.pk}", policy=policy, client=client, occurred_on=date(2026, 5, 1), reported_at=now
        ).pk,
        "feedback": _feedback(client, now),
        "payment": Payment.objects.create(
            client=client, policy=policy, amount=Decimal(1), method="cash", paid_at=now, **common
        ).pk,
    } | _money(client, policy, now)  # fmt: skip


def _money(client: Any, policy: Any, now: Any) -> dict[str, Any]:
    """A payment with its receipt, a refund that is due, an invoice."""
    common = {"created_at": now}
    paid = Payment.objects.create(
        client=client, policy=policy, amount=Decimal(2), method="cash", paid_at=now, **common
    )
    Receipt.objects.create(payment=paid, key=f"receipt-{client.pk}", state="done", text="x", **common)
    refund = Refund.objects.create(
        payment=paid, amount=Decimal(1), reason="x", key=f"refund-{client.pk}", **common
    )
    bill = Invoice.objects.create(
        client=client, policy=policy, amount=Decimal(1), token=f"bill-token-{client.pk}", **common
    )
    return {"payment": paid.pk, "refund": refund.pk, "invoice": bill.pk}


def _papers(policy: Any, project: Any, now: Any) -> dict[str, Any]:
    """A document of the policy."""
    version = first_version(policy)
    made = Document.objects.create(
        kind="policy", client=policy.client, policy=policy, version=version, token=f"paper-token-{policy.pk}", created_at=now,
        state="ready",
    )  # fmt: skip
    made.file.save("paper.pdf", ContentFile(b"%PDF-"))
    asked = SignRequest.objects.create(
        client=policy.client, policy=policy, token=f"sign-token-{policy.pk}", channel="sms", phone="+79170000000",
        agreement="…", digest="0" * 64, state="signed", created_at=now, expires_at=now + timedelta(days=3), signed_at=now,
    )  # fmt: skip
    asked.file.save("evidence.pdf", ContentFile(b"%PDF-"))
    one = SignedPaper(request=asked, document=made, digest="0" * 64)
    one.stamped.save("signed.pdf", ContentFile(b"%PDF-"))
    sent = PaperDelivery.objects.create(
        client=policy.client, policy=policy, way="courier", day=now.date(), created_at=now, changed_at=now
    )
    return {
        "paper": made.pk, "paper_token": made.token, "sign_request": asked.pk, "sign_token": asked.token,
        "signed_document": made.pk, "paper_delivery": sent.pk,
    }  # fmt: skip


def _other_card(client: Any, now: Any) -> Client:
    return Client.objects.create(
        last_name=client.last_name, agent=client.agent, branch=client.branch, centre=client.centre, created_at=now,
        updated_at=now,
    )  # fmt: skip


def _merged(client: Any, now: Any) -> int:
    return merge_clients(actor=None, now=now, kept=client, gone=_other_card(client, now)).pk


def _paper_template(now: Any) -> int:
    values = {"kind": "policy", "language": "ru", "number": 1, "name": "Полис", "html": "<p>{{ number }}</p>"}
    made: int = PaperTemplate.objects.create(**values, created_at=now, changed_at=now, state="proposed").pk
    return made


def _feedback(client: Any, now: Any) -> int:
    values = {"name": "x", "occasion": "purchase", "metric": "nps", "channels": ["sms"], "updated_at": now}
    survey, _ = Survey.objects.get_or_create(code="matrix", defaults=values)
    return SurveyRequest.objects.create(
        survey=survey, client=client, agent=client.agent, branch=client.branch, centre=client.centre, due_at=now,
        occasion=f"matrix:{client.pk}", state="answered", asked_at=now, score=2, group="bad", answered_at=now,
        call_back_by=now, created_at=now, token=f"feedback-token-{client.pk}",
    ).pk  # fmt: skip


def _of_person(user: Any, now: Any) -> dict[str, Any]:
    """What belongs to one person of the staff."""
    browser = Subscription.objects.create(user=user, endpoint="x", digest=f"{user.pk}", created_at=now)
    user.photo_token = f"picture-token-{user.pk}"
    user.photo.save("picture.jpg", ContentFile(b"picture"))
    return {
        "picture": user.photo_token,
        "browser": browser.pk,
        "user": user.pk,
        "screen": _screen(user, now).pk,
        "wall_token": f"wall-token-{user.pk}",
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
        "planned": Planned.objects.create(
            organiser=user, uid=f"u{user.pk}", resource=f"u{user.pk}", title="x", starts_at=now,
            ends_at=now + timedelta(hours=1), until_at=now + timedelta(hours=1), time_zone="Europe/Moscow",
            timed_at=now, created_at=now, updated_at=now,
        ).pk,
        "resource": f"u{user.pk}",
        "feed": feed_token(renew_feed(actor=user, now=now)),
        "reminder_rule": Rule.objects.filter(person=user).first().pk,
        "app_password": AppPassword.objects.create(
            person=user, name="x", digest=f"{user.pk:064}", created_at=now
        ).pk,
    }  # fmt: skip


def _export(user: Any, now: Any) -> int:
    name = default_storage.save("exports/clients.csv", ContentFile(b"1"))
    return Job.objects.create(
        kind="clients.export", title="x", created_by=user, created_at=now, not_before=now, state="done",
        result={"file": name, "name": "clients.csv", "url": "/"},
    ).pk  # fmt: skip


def _mailing(user: Any, now: Any) -> int:
    values = {"name": "x", "body": "x", "state": "approved", "created_at": now}
    letter, _ = Template.objects.get_or_create(code="letter", channel="letter", defaults=values)
    name = default_storage.save("letters/x.pdf", ContentFile(b"%PDF"))
    return Mailing.objects.create(
        name="x", template=letter, window="e65", author=user, state="ready", file=name, created_at=now
    ).pk


def _import(user: Any, now: Any) -> int:
    rows = "ФИО;Телефон;Полис\nГарипов Марсель;8 917 000 21 40;ХХХ 0412345678\n"
    file = ContentFile(rows.encode())
    return start_run(actor=user, now=now, target="portfolio", file=file, file_name="rows.csv").pk


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
    candidate = ScheduleVersion.objects.create(schedule=schedule, number=2, created_at=now)
    experiment = Experiment.objects.create(
        schedule=schedule,
        control=version,
        candidate=candidate,
        first_day=now.date(),
        lead_days=30,
        created_at=now,
    )
    chat = Widget.objects.create(
        key="access", name="x", branch=Branch.objects.order_by("id")[0], greeting="x", created_at=now
    )
    webhook = Endpoint.objects.create(
        name="x", url="https://example.com/", secret=seal(new_secret()), created_at=now, updated_at=now
    )
    sending = webhook.deliveries.create(
        message_id="x", event="x.Y", body="{}", state="failed", next_attempt_at=now, created_at=now
    )
    given = Sound(name="x", mark="0", seconds=1, uploaded_at=now)
    given.file.save("x.wav", ContentFile(b"RIFF"))
    menu = Menu.objects.create(name="x", greeting="x", updated_at=now)
    load_dialogues(now=now, active_from=now.date())
    load_tariffs(now=now)
    tariff = TableVersion.objects.get(table__code="kasko.base")
    spoken = DialogueVersion.objects.get(dialogue__code="renewal")
    DialogueVersion.objects.update(state="draft")
    number = Number.objects.create(value="*0000", label="x")
    return {
        "menu": menu.pk, "sound": given.pk, "number": number.pk, "chat": chat.pk,
        "mailbox": Mailbox.objects.create(address="x@example.com", name="x", created_at=now, updated_at=now).pk,
        "macro": Macro.objects.create(name="x", acts=["done"], created_at=now).pk,
        "experiment": experiment.pk, "webhook": webhook.pk, "sending": sending.pk, "schedule": schedule.pk,
        "version": version.pk, "version_number": version.number, "step": step.pk,
        "product_code": "osago", "tariff_version": tariff.pk, "product_version": tariff.table.product.versions.get().pk, "tariff_table": tariff.table_id, "step_key": step.key, "dialogue": spoken.dialogue_id, "dialogue_version": spoken.pk, "node": "refused",
        "job": job.pk, "delivery": delivery.pk, "template": template.pk, "entry": entry.pk,
    }  # fmt: skip


def world(cast: dict[str, Any], now: Any) -> dict[tuple[str, str], Pair]:
    """All parameters with their records."""
    own = _of_client(cast["vera"], cast["vera_policy"], cast["vera_renewal"], cast["anna"], now)
    foreign = _of_client(
        cast["boris_client"], cast["boris_policy"], cast["boris_renewal"], cast["boris"], now
    )
    own |= _of_person(cast["anna"], now)
    foreign |= _of_person(cast["boris"], now)
    found = {key: Pair(own[name], foreign[name], INSIDE) for key, name in _OF_CASTS.items()}
    found |= {key: Pair(own[name], foreign[name], frozenset({"anna"})) for key, name in _PERSONAL.items()}
    common = _common(now)
    found |= {key: Pair(common[name]) for key, name in _COMPANY.items()}
    found |= {key: Pair(word) for key, word in _WORDS.items()}
    found["branches", "branch_id"] = Pair(own["branch"], foreign["branch"], INSIDE | {"colleague"})
    found["centres", "centre_id"] = found["renewal-centres", "centre_id"] = Pair(
        cast["volga"].pk, cast["other_operator"].placement.centre_id, INSIDE
    )
    found["absences", "absence_id"] = Pair(own["absence"], foreign["absence"], INSIDE - {"centre_operator"})
    found["exports", "pk"] = found["exports", "export_id"] = Pair(
        _export(cast["team_lead"], now), _export(cast["other_lead"], now), frozenset({"team_lead"})
    )
    found["letters", "mailing_id"] = found["mailings", "mailing_id"] = Pair(
        _mailing(cast["team_lead"], now),
        _mailing(cast["other_lead"], now),
        frozenset({"team_lead", *COMPANY}),
    )
    mine, his = _import(cast["branch_head"], now), _import(cast["other_head"], now)
    found["imports", "run_id"] = Pair(mine, his, frozenset({"branch_head", *COMPANY}))
    wrong = [RowError.objects.create(run_id=run, row_number=2, code="x", value="x").pk for run in (mine, his)]
    found["errors", "error_id"] = Pair(*wrong, frozenset({"branch_head", *COMPANY}))
    found["queues", "key"] = Pair(
        f"branch:{own['branch']}", f"branch:{foreign['branch']}", INSIDE | {"colleague"}
    )
    heard = INSIDE & frozenset(
        {"anna", "team_lead", "branch_head", "renewals_manager", "quality", "administrator"}
    )
    found["dialler", "calling_id"] = found["lists", "list_id"] = Pair(
        own["calling_list"], foreign["calling_list"], INSIDE | {"colleague", "other_lead"}
    )
    found["recordings", "recording_id"] = Pair(own["recording"], foreign["recording"], heard)
    found["with", "user_id"] = Pair(own["user"])
    found["t", "token"] = found["u", "token"] = Pair(own["message_token"])
    found["pay", "pay_token"] = Pair(own["pay_token"])
    found["offer", "token"] = Pair(own["offer_token"])
    found["photos", "inspection_token"] = Pair(own["inspection_token"])
    found["p", "paper_token"] = Pair(own["paper_token"])
    found["sign", "sign_token"] = Pair(own["sign_token"])
    found["deliveries", "delivery_way"], found["deliveries", "delivery_state"] = (
        Pair("email"),
        Pair("handed_over"),
    )
    found["points", "pickup_point_id"] = Pair(
        PickupPoint.objects.create(branch=Branch.objects.all()[0], name="x", address="x", hours="9–18").pk
    )
    found["document-templates", "paper_template_id"] = Pair(_paper_template(now))
    found["f", "token"] = Pair(SurveyRequest.objects.get(pk=own["feedback"]).token)
    found["forms", "intake_id"] = Pair(
        Intake.objects.create(key="matrix", name="x", title="x", created_at=now).pk
    )
    found["ask", "key"] = Pair("matrix")
    found["surveys", "survey_id"] = Pair(Survey.objects.get(code="matrix").pk)
    found["pictures", "token"] = Pair(own["picture"])
    found["wall", "token"] = Pair(own["wall_token"])
    heads = frozenset(["branch_head", *COMPANY])  # who sees all of the branch
    found |= _sales(cast, now)
    found["screens", "screen_id"] = Pair(own["screen"], foreign["screen"], heads)
    return found


def _sales(cast: dict[str, Any], now: Any) -> dict[tuple[str, str], Pair]:
    load_funnels(now=now)
    funnel, script = Funnel.objects.get(code="kasko"), Script.objects.get(code="kasko-new")
    start = Start(origin=Deal.Origin.CLIENT)
    people = [cast["vera"], cast["boris_client"]]
    deals = [start_deal(actor=None, now=now, client=one, start=start, funnel=funnel).pk for one in people]
    advice = [Advice.objects.create(client=one, line="travel", advised_at=now).pk for one in people]
    stage, rule = funnel.stages.order_by("position")[1], AdviceRule.objects.order_by("pk")[0]
    return {
        ("deals", "deal_id"): Pair(*deals, INSIDE), ("advice", "advice_id"): Pair(*advice, INSIDE),
        ("funnels", "funnel_id"): Pair(funnel.pk), ("stages", "stage_id"): Pair(stage.pk), ("stages", "stage"): Pair(stage.pk),
        ("scripts", "script_id"): Pair(script.pk), ("advice", "rule_id"): Pair(rule.pk),
    }  # fmt: skip


_OF_CASTS = {
    ("payments", "payment_id"): "payment", ("refunds", "refund_id"): "refund", ("invoices", "invoice_id"): "invoice",
    ("of", "client_id"): "client",
    ("merge", "other_id"): "other_client", ("merges", "merge_id"): "merge",
    ("clients", "pk"): "client", ("clients", "client_id"): "client", ("client", "client_id"): "client", ("on", "record_id"): "client",
    ("chat", "room_id"): "room", ("rooms", "room_id"): "room", ("files", "chat_file_id"): "chat_file",
    ("contacts", "pk"): "contact", ("contacts", "contact_id"): "contact", ("documents", "pk"): "document",
    ("identity-documents", "document_id"): "document", ("phone", "client_id"): "client",
    ("replies", "message_id"): "reply", ("notes", "pk"): "note", ("notes", "note_id"): "note",
    ("photos", "token"): "photo", ("inbox", "conversation_id"): "conversation",
    ("conversations", "conversation_id"): "conversation",
    ("complaint", "complaint_id"): "complaint", ("complaints", "complaint_id"): "complaint",
    ("files", "pk"): "file", ("files", "file_id"): "file", ("files", "message_file_id"): "message_file", ("message-files", "message_file_id"): "message_file",
    ("policies", "pk"): "policy", ("policies", "policy_id"): "policy", ("quotes", "pk"): "quote",
    ("quotes", "calculation_id"): "calculation", ("calculations", "calculation_id"): "calculation",
    ("variants", "variant_id"): "variant", ("referrals", "referral_id"): "referral", ("shots", "shot_id"): "shot",
    ("quotes", "quote_id"): "quote", ("projects", "pk"): "project", ("projects", "project_id"): "project",
    ("papers", "paper_id"): "paper", ("signatures", "sign_request_id"): "sign_request", ("deliveries", "paper_delivery_id"): "paper_delivery", ("papers", "signed_document_id"): "signed_document",
    ("objects", "pk"): "object", ("objects", "object_id"): "object", ("claims", "pk"): "claim",
    ("requests", "request_id"): "request", ("of-conversation", "conversation_id"): "conversation", ("of-call", "call_id"): "call",
    ("desks", "user_id"): "user", ("feedback", "request_id"): "feedback", ("claims", "claim_id"): "claim", ("renewals", "renewal_id"): "renewal", ("messages", "message_id"): "message",
    ("calls", "call_id"): "call", ("call-backs", "call_back_id"): "call_back",
    ("robot-calls", "robot_call_id"): "robot_call", ("transcripts", "attempt_id"): "attempt",
    ("entries", "entry_id"): "calling_entry", ("attempts", "attempt_id"): "calling_attempt",
    ("calls", "touch_id"): "touch", ("touches", "touch_id"): "touch", ("agents", "agent_id"): "agent",
    ("relations", "relation_id"): "relation", ("belongings", "belonging_id"): "belonging",
    ("life-events", "event_id"): "life_event", ("life-events", "life_event_id"): "life_event",
    ("classes", "lookup_id"): "class_lookup", ("disputes", "dispute_id"): "class_dispute",
    ("teams", "team_id"): "team", ("people", "user_id"): "user", ("norms", "norm_id"): "norm",
}  # fmt: skip
_PERSONAL = {
    ("files", "draft_file_id"): "draft_file", ("said", "said_id"): "said", ("browsers", "browser_id"): "browser",
    ("views", "pk"): "view", ("views", "view_id"): "view", ("sessions", "session_id"): "session",
    ("tokens", "token_id"): "token", ("calendar", "event_id"): "planned", ("events", "event_id"): "planned",
    ("events", "resource"): "resource", ("calendar-feed", "feed_token"): "feed", ("rules", "rule_id"): "reminder_rule",
    ("reminder-rules", "rule_id"): "reminder_rule", ("passwords", "password_id"): "app_password",
    ("app-passwords", "password_id"): "app_password",
}  # fmt: skip
_COMPANY = {
    ("schedules", "schedule_id"): "schedule", ("schedule-versions", "version_id"): "version",
    ("versions", "number"): "version_number", ("steps", "step_id"): "step", ("steps", "key"): "step_key",
    ("sounds", "sound_id"): "sound", ("menus", "menu_id"): "menu", ("numbers", "number_id"): "number",
    ("jobs", "job_id"): "job", ("hand-overs", "job_id"): "job", ("deliveries", "delivery_id"): "delivery", ("audit", "entry_id"): "entry",
    ("failed-reactions", "delivery_id"): "delivery", ("templates", "template_id"): "template",
    ("message-templates", "template_id"): "template", ("experiments", "experiment_id"): "experiment",
    ("experiments", "pk"): "experiment", ("products", "product_code"): "product_code",
    ("tariff-versions", "tariff_version_id"): "tariff_version", ("versions", "tariff_version_id"): "tariff_version",
    ("tables", "tariff_table_id"): "tariff_table",
    ("product-versions", "product_version_id"): "product_version", ("definitions", "product_version_id"): "product_version",
    ("mailboxes", "mailbox_id"): "mailbox", ("macros", "macro_id"): "macro",
    ("webhooks", "webhook_id"): "webhook", ("deliveries", "pk"): "sending",
    ("webhook-deliveries", "delivery_id"): "sending", ("widgets", "widget_id"): "chat",
    ("chat-widgets", "widget_id"): "chat",
}  # fmt: skip
_COMPANY |= {
    ("robot", "dialogue_id"): "dialogue", ("nodes", "key"): "node",
    ("dialogue-versions", "dialogue_version_id"): "dialogue_version",
}  # fmt: skip
_WORDS = {
    ("bank", "bank_payment"): "nonsense",
    ("go", "shop_token"): "nonsense", ("go", "shop_step"): "price", ("shop", "shop_line"): "travel",
    ("consent", "consent_kind"): "personal", ("paid", "pay_token"): "nonsense",
    ("restored", "token"): "nonsense",
    ("on", "record_kind"): "client",
    ("many", "act"): "move", ("questions", "question_key"): "garage", ("parts", "part_key"): "drivers",
    ("objections", "objection_key"): "price", ("funnels", "funnel"): "kasko",
    ("list", "kind"): "csv", ("bulk", "act"): "hold", ("export", "kind"): "csv", ("renewals", "code"): "hold", ("c", "signed"): "nonsense",
    ("conditions", "code"): "line_in", ("restored-steps", "token"): "nonsense", ("key", "uidb36"): "1",
    ("-", "key"): "set-password", ("columns", "index"): 0,
    ("config", "key"): "nonsense", ("send", "key"): "nonsense", ("files", "signed"): "nonsense", ("tg", "token"): "nonsense",
}  # fmt: skip

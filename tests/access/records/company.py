"""What belongs to the whole company."""

from typing import Any

from django.core.files.base import ContentFile

from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.models import Job
from clientela.foundation.outbox.models import Delivery, Event
from clientela.foundation.webhooks.models import Endpoint
from clientela.foundation.webhooks.signing import new_secret, seal
from clientela.integrations.webchat.models import Widget
from clientela.modules.book.operations.pages import add_entry
from clientela.modules.calls.models import Menu, Number, Sound
from clientela.modules.contacts.models import (
    CommunicationPolicy,
    Macro,
    Template,
)
from clientela.modules.group.models import FactKind, SisterCompany
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Product
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations.shipped import load_shipped as load_tariffs
from clientela.modules.renewals.models import Experiment, LossReason, Schedule, ScheduleVersion, Step
from clientela.modules.robot.models import DialogueVersion
from clientela.modules.robot.operations.shipped import load_shipped as load_dialogues
from tests.access.records.person import book_test


def of_company(now: Any) -> dict[str, Any]:
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
    asked = book_test(now)
    sold = Product.objects.get(code="osago")
    written = add_entry(
        actor=None, now=now, product=sold, block="rules", title="x", file=ContentFile(b"x", name="x.pdf")
    )
    return {
        "book_test": asked.pk, "book_question": asked.questions.order_by("place")[0].pk, "book_place": 1,
        "book_entry": written.pk,
        "sister": SisterCompany.objects.get_or_create(code="bank", defaults={"name": "Банк", "kind": "bank"})[0].pk,
        "fact_kind": FactKind.objects.create(code="x", title="x", value_type="yes_no").pk,
        "menu": menu.pk, "sound": given.pk, "number": number.pk, "chat": chat.pk,
        "mailbox": Mailbox.objects.create(address="x@example.com", name="x", created_at=now, updated_at=now).pk,
        "macro": Macro.objects.create(name="x", acts=["done"], created_at=now).pk,
        "experiment": experiment.pk, "webhook": webhook.pk, "sending": sending.pk, "schedule": schedule.pk,
        "version": version.pk, "version_number": version.number, "step": step.pk,
        "product_code": "osago", "tariff_version": tariff.pk, "product_version": tariff.table.product.versions.get().pk, "tariff_table": tariff.table_id, "step_key": step.key, "dialogue": spoken.dialogue_id, "dialogue_version": spoken.pk, "node": "refused",
        "job": job.pk, "delivery": delivery.pk, "template": template.pk, "entry": entry.pk,
    }  # fmt: skip

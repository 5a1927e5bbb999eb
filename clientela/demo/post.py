"""The demo company's mailboxes, signatures, macros and letters: one mailing went through to the post."""

from datetime import datetime, timedelta

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run
from clientela.foundation.ui.printing import NoPrinter
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Macro, Template
from clientela.modules.letters.models import Mailing
from clientela.modules.letters.operations import approve_mailing, begin_mailing, hand_to_post
from clientela.modules.letters.operations.making import run_mailing
from clientela.modules.mailboxes.models import Mailbox, Signature
from clientela.modules.organisation.models import Branch, RenewalCentre

LETTERS = (
    ("new-address", "Новый адрес филиала", "Мы переехали",
     "{greeting}, здравствуйте!\n\nС 1 декабря филиал принимает на новом месте, в двух минутах от прежнего. Телефоны те же: "
     "{centre_phone}, с мобильного {short_number}.\n\nВаши договоры и ваш агент остаются прежними: {agent_name}, "
     "{agent_phone}."),
    ("term-ends", "Срок полиса заканчивается", "Полис {number}",
     "{greeting}, здравствуйте!\n\nСрок полиса {product} {number} ({object}) заканчивается {end_date}. Позвоните агенту: "
     "{agent_name}, {agent_phone}. Условия на следующий год посчитаем за несколько минут."),
)  # fmt: skip
ANSWERS = (
    ("thanks", "Спасибо и до связи", "sms", "", "{greeting}, спасибо! Если будут вопросы, пишите, мы на связи."),
    ("thanks", "Спасибо и до связи", "email", "Спасибо за письмо",
     "{greeting}, спасибо за письмо! Если будут вопросы, пишите, мы на связи."),
    ("documents", "Какие документы нужны", "sms", "",
     "{greeting}, пришлите фото СТС и водительских прав всех, кто будет за рулём."),
)  # fmt: skip
ACKNOWLEDGED = (
    "Здравствуйте! Ваше письмо пришло, ответим в течение рабочего дня.\n\n{company}, {short_number}"
)
PEOPLE = 12


def write(now: datetime) -> int:
    """Make them; returns how many letters went."""
    for centre in RenewalCentre.objects.order_by("id"):
        Mailbox.objects.get_or_create(
            address=f"{centre.code}@prichal.example",
            defaults={
                "name": f"Причал, {centre.name}", "centre": centre, "imap_host": "imap.prichal.example",
                "smtp_host": "smtp.prichal.example", "password_variable": "CLIENTELA_MAIL_PASSWORD_CENTRES",
                "acknowledges": True, "acknowledgement": ACKNOWLEDGED, "created_at": now, "updated_at": now,
            },
        )  # fmt: skip
    for branch in Branch.objects.filter(is_active=True):
        text = "{company}, филиал {branch}\n{branch_phone}, с мобильного {short_number}"
        Signature.objects.get_or_create(branch=branch, defaults={"text": text, "updated_at": now})
    author = User.objects.filter(role="administrator").order_by("id").first()
    approver = User.objects.filter(role="renewals_manager").order_by("id").first()
    common = {
        "state": "approved",
        "author": author,
        "approved_by": approver,
        "created_at": now,
        "approved_at": now,
    }
    Template.objects.bulk_create(
        [Template(code=code, name=name, channel="letter", subject=subject, body=body, **common) for code, name, subject, body in LETTERS]
        + [
            Template(code=code, name=name, channel=channel, subject=subject, body=body, **common)
            for code, name, channel, subject, body in ANSWERS
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    Macro.objects.bulk_create(
        [
            Macro(name="Поблагодарить и завершить", code="thanks", acts=["done"], used=14, created_at=now),
            Macro(name="Запросить документы", code="documents", acts=["take"], note="Запросили СТС и права", used=9, created_at=now),
            Macro(name="Вернуть в очередь", acts=["queue"], used=2, created_at=now),
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if author is None or approver is None or Mailing.objects.exists():
        return 0
    return _mailing(author, approver, now)


def _mailing(author: User, approver: User, now: datetime) -> int:
    """A mailing of last week, done at once instead of by a worker."""
    then = now - timedelta(days=6)
    agents = Client.objects.filter(agent__user__email="a.sokolova@prichal.example").order_by("id")
    mailing = begin_mailing(
        actor=author, now=then, name="Новый адрес: клиенты Анны Соколовой", source="clients?agent=me",
        template=Template.objects.get(code="new-address", channel="letter"),
        clients=agents.values_list("pk", flat=True)[:PEOPLE],
    )  # fmt: skip
    approved = approve_mailing(actor=approver, now=then + timedelta(hours=2), mailing=mailing)
    job = approved.job
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, claimed_by="demo", started_at=then)
    job.refresh_from_db()
    try:
        result = run_mailing(Run(job, worker="demo", lease=timedelta(minutes=5)))
    except NoPrinter:
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.FAILED, finished_at=then, error=str(NoPrinter.message)
        )
        return 0
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.DONE, finished_at=then, lease_until=None, result=result
    )
    mailing.refresh_from_db()
    return hand_to_post(actor=author, now=then + timedelta(days=1), mailing=mailing)

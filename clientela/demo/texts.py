"""Message templates of the demo company: some in force, and a draft that waits for a colleague's approval."""

from datetime import datetime
from typing import NamedTuple

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.contacts.models import Channel, Purpose
from clientela.modules.contacts.operations import approve_template, draft_template


class Words(NamedTuple):
    """A template as its author fills it in."""

    code: str
    name: str
    channel: str
    body: str
    subject: str = ""
    purpose: str = Purpose.SERVICE


_IN_FORCE = (
    Words(code="policy-ready", name="Полис оформлен", channel=Channel.EMAIL, subject="Ваш полис {number} оформлен", body=(
        "{greeting}, добрый день!\n\nВаш полис {product} № {number} оформлен и действует до {end_date}. Застраховано: "
        "{object}.\n\nЕсли что-то изменится или случится, звоните: {agent_name}, {agent_phone}, или {short_number} с "
        "мобильного.\n\n{company}"
    )),
    Words(code="birthday", name="Поздравление с днём рождения", channel=Channel.SMS, purpose=Purpose.ADVERTISING, body=(
        "{greeting}, поздравляем с днём рождения! Здоровья и спокойных дорог. {agent_name}, {company}"
    )),
    Words(code="call-me", name="Не дозвонились", channel=Channel.SMS, body=(
        "{greeting}, не смогли дозвониться до Вас по полису № {number}. Перезвоните, пожалуйста: {agent_phone} "
        "({agent_name}) или {short_number}."
    )),
    Words(code="one-payment", name="Рассрочки по ОСАГО нет", channel=Channel.SMS, body=(
        "{greeting}, по ОСАГО платёж один, но Ваш банк может дать отсрочку при оплате через СБП. {agent_name}"
    )),
    Words(code="remind-later", name="Напомню ближе к сроку", channel=Channel.SMS, body=(
        "{greeting}, хорошо, напомню за три дня до {end_date}. {agent_name}, {agent_phone}"
    )),
    Words(code="pay-again", name="Ссылка на оплату ещё раз", channel=Channel.VK, body=(
        "{greeting}, отправляем ссылку на оплату продления ещё раз: {pay_link}. Стоимость {premium}. "
        "Вопросы — {agent_name}, {agent_phone}."
    )),
)  # fmt: skip
_WAITS = Words(
    code="moved", name="Сменился Ваш агент", channel=Channel.SMS,
    body="{greeting}, Ваши полисы теперь ведёт {agent_name}, тел. {agent_phone}. С уважением, {company}",
)  # fmt: skip


def write(now: datetime) -> int:
    """Written by a renewals manager, approved by an administrator; returns how many."""
    author, approver = (
        User.objects.filter(role=role).order_by("pk")[0]
        for role in (Role.RENEWALS_MANAGER, Role.ADMINISTRATOR)
    )
    for words in _IN_FORCE:
        approve_template(
            actor=approver, now=now, template=draft_template(actor=author, now=now, **words._asdict())
        )
    draft_template(actor=author, now=now, **_WAITS._asdict())
    return len(_IN_FORCE) + 1

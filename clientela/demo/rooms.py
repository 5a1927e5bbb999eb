"""What the people of the demo company say among themselves: a talk of two, groups, discussions of records."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from clientela.foundation.names import name_key
from clientela.modules.accounts.models import User
from clientela.modules.chat.models import Membership, Room
from clientela.modules.chat.operations import messages
from clientela.modules.chat.operations.rooms import create_group, open_direct, open_record
from clientela.modules.clients.models import Client
from clientela.modules.renewals.models import Renewal

ANNA, LILIA, ROMAN = "a.sokolova", "l.zakirova", "r.tkachenko"
MARAT, ELENA, SVETLANA, PAVEL = "m.gareev", "e.fadeeva", "s.muhina", "p.gromov"


@dataclass(frozen=True, slots=True)
class Talk:
    """``about``: the other person, the name of a group with its people, or the client of a record."""

    kind: Literal["direct", "group", "client", "renewal"]
    about: str
    people: tuple[str, ...]
    said: tuple[tuple[int, str, str], ...]  # minutes ago, who, what


TALKS = (
    Talk("group", "Правый берег", (ROMAN, ANNA, LILIA, PAVEL), (
        (1560, ROMAN, "Коллеги, на этой неделе 46 полисов с окончанием до 10 декабря. Кто уходит в отпуск, скажите до среды."),
        (1548, LILIA, "Я на месте весь месяц."),
        (1541, PAVEL, "С 1 по 5 декабря меня нет, клиентов возьмёт @Лилия Закирова, договорились."),
        (1539, LILIA, "Да, беру. Павел, напиши по Хасановым, там две машины."),
        (190, ROMAN, "Тариф КАСКО с понедельника новый: старые расчёты действуют до воскресенья. Проверьте, у кого ждут оплаты."),
        (184, ANNA, "У меня три таких, сегодня обзвоню."),
        (22, LILIA, "@Анна Соколова, у тебя есть новая форма акта осмотра?"),
    )),
    Talk("group", "Возобновления: день 17", (MARAT, ROMAN, SVETLANA, ANNA), (
        (2900, MARAT, "С понедельника звонки дня 17 по КАСКО идут через центр. Агенты видят итог на карточке."),
        (2888, SVETLANA, "Приняли. Если клиент просит своего агента, пишем сюда или в обсуждение карточки."),
        (310, SVETLANA, "По вчерашнему списку: 58 дозвонов из 74, 21 согласен, 9 думают."),
        (301, MARAT, "Хорошо. @Роман Ткаченко, девять думающих прошу разобрать с агентами до пятницы."),
        (296, ROMAN, "Сделаем."),
    )),
    Talk("direct", LILIA, (ANNA,), (
        (1480, LILIA, "Ань, подменишь меня на осмотре в четверг в 15:00? Ямашева, 36."),
        (1475, ANNA, "В четверг могу. Машина та же Creta?"),
        (1474, LILIA, "Да, Р418ТО. Ключи оба попроси."),
        (41, LILIA, "Кузьмин перезвонил, спрашивал тебя. Сказала, что наберёшь после двух."),
    )),
    Talk("direct", ROMAN, (ANNA,), (
        (340, ROMAN, "Анна, по Тихоновой рассрочки не будет, но банк даёт отсрочку через СБП. Напиши ей сегодня."),
        (332, ANNA, "Пишу. Если откажется, считаю без расширения."),
    )),
    Talk("client", "Тихонова Марина Юрьевна", (ANNA, ROMAN), (
        (300, ANNA, "Просит разбить оплату на два платежа. @Роман Ткаченко, согласуешь?"),
        (281, ROMAN, "По ОСАГО нельзя. Предложи отсрочку от банка, условия те же, что у Мироновых."),
        (275, ANNA, "Предложила, думает до вечера."),
        (35, ROMAN, "@Анна Соколова, она ответила по SMS, посмотри диалог."),
    )),
    Talk("renewal", "Миронов Алексей Борисович", (ANNA, ELENA), (
        (420, ANNA, "Хочет вписать жену, стаж шесть лет. @Елена Фадеева, коэффициент берём по меньшему стажу?"),
        (395, ELENA, "Да, по меньшему. Предложите франшизу 15 000, разница почти уйдёт."),
    )),
)  # fmt: skip
READ_UP_TO = 60  # minutes: what is younger is not read yet by those who did not write it


def write(now: datetime) -> int:
    """Rooms and what was said in them; returns how many messages."""
    names = {
        person
        for talk in TALKS
        for person in (*talk.people, *([talk.about] if talk.kind == "direct" else []))
    }
    rows = User.objects.filter(email__in=[f"{name}@prichal.example" for name in names], is_active=True)
    people = {user.email.partition("@")[0]: user for user in rows}
    return sum(_write(talk, people, now) for talk in TALKS if all(who in people for who in talk.people))


def _write(talk: Talk, people: dict[str, User], now: datetime) -> int:
    begun = now - timedelta(minutes=talk.said[0][0] + 5)
    room = _room(talk, people, begun)
    if room is None:
        return 0
    old = 0
    for ago, who, text in talk.said:
        said = messages.say(actor=people[who], now=now - timedelta(minutes=ago), room=room, text=text)
        old = said.number if ago > READ_UP_TO else old
    Membership.objects.filter(room=room, read_number__lt=old).update(read_number=old)
    return len(talk.said)


def _room(talk: Talk, people: dict[str, User], begun: datetime) -> Room | None:
    actor = people[talk.people[0]]
    if talk.kind == "group":
        others = [people[who].pk for who in talk.people[1:]]
        return create_group(actor=actor, now=begun, title=talk.about, people=others)
    if talk.kind == "direct":
        other = people.get(talk.about)
        return open_direct(actor=actor, now=begun, person=other) if other else None
    client = Client.objects.filter(name_key=name_key(talk.about)).order_by("id").first()
    if client is None:
        return None
    if talk.kind == "client":
        return open_record(actor=actor, now=begun, record_type="client", record_id=client.pk)
    term = Renewal.objects.filter(client=client).order_by("id").values_list("pk", flat=True).first()
    return open_record(actor=actor, now=begun, record_type="renewal", record_id=term) if term else None

"""A code by SMS: by the queue, once, for who waits for it."""

import re
from datetime import timedelta

import pytest

from clientela.modules.contacts.models import Awaited, Message, OneTimeCode
from clientela.modules.contacts.operations import deliver
from clientela.modules.contacts.operations.one_time_codes import (
    AGAIN,
    LASTS,
    MASK,
    CodeJustSent,
    NoSms,
    TooManyCodes,
    ask_code,
    did_not_go,
    forget_codes,
    last_code,
    try_code,
)
from clientela.modules.contacts.ports import SendResult
from clientela.modules.contacts.tests.network import Network

PHONE = "+79175551020"
pytestmark = pytest.mark.django_db


def asked(now, *, phone=PHONE, subject_id=1, **more):
    return ask_code(
        now=now, purpose="tests", subject_id=subject_id, phone=phone, words=f"{MASK} is your code", **more
    )


def tried(now, typed, *, phone=PHONE, subject_id=1, **more):
    return try_code(now=now, purpose="tests", subject_id=subject_id, phone=phone, typed=typed, **more)


def test_it_goes_by_the_queue_once_at_any_hour_and_is_kept_without_the_digits(now):
    night = now.replace(hour=23)
    code = asked(night)
    network = Network()
    assert (
        deliver("sms", network, worker="a", now=night),
        deliver("sms", network, worker="b", now=night),
    ) == (1, 0)
    (wire,) = network.got
    assert (wire.to, wire.text) == (PHONE, f"{code.digits} is your code")
    message = Message.objects.get()
    assert (message.state, message.text, message.client) == ("sent", f"{MASK} is your code", None)
    assert Awaited.objects.get().sealed == ""
    row = OneTimeCode.objects.get()
    assert not any(code.digits in str(value) for value in (row.digest, message.text, message.verdict))


def test_it_goes_before_all_that_waits(vera, now):
    from clientela.modules.contacts.operations import queue_message

    queue_message(now=now, actor=None, client=vera, channel="sms", text="Ваш полис заканчивается")
    code = asked(now)
    network = Network()
    deliver("sms", network, worker="a", now=now, batch=1)
    assert [wire.text for wire in network.got] == [f"{code.digits} is your code"]


def test_a_sender_that_was_killed_leaves_no_second_code(now):
    asked(now)

    class Killed(Network):
        def send(self, batch):
            super().send(batch)
            raise KeyboardInterrupt

    network = Killed()
    with pytest.raises(KeyboardInterrupt):
        deliver("sms", network, worker="a", now=now)
    again = Network()
    assert deliver("sms", again, worker="b", now=now + timedelta(seconds=30)) == 0
    deliver("sms", again, worker="b", now=now + LASTS + timedelta(minutes=10))
    assert len(network.got) == 1
    assert again.got == []


def test_who_came_too_late_gets_nothing(now):
    asked(now)
    network = Network()
    deliver("sms", network, worker="a", now=now + LASTS + timedelta(seconds=1))
    assert network.got == []
    message = Message.objects.get()
    assert (message.state, message.detail) == ("dropped", "over")
    assert did_not_go(last_code("tests", 1))


def test_a_refused_number_is_told(now):
    asked(now)
    network = Network(
        answer=lambda one: SendResult(one.id, "rejected", fault="address", detail="no such number")
    )
    deliver("sms", network, worker="a", now=now)
    assert did_not_go(last_code("tests", 1))
    assert Awaited.objects.get().sealed == ""


def test_it_fits_once(now):
    code = asked(now).digits
    assert tried(now, f" {code[:3]}-{code[3:]} ")
    assert not tried(now, code)


def test_it_fits_only_its_phone_record_and_what_it_is_bound_to(now):
    code = asked(now, bound_to="file-1").digits
    assert not tried(now, code)
    assert not tried(now, code, bound_to="file-2")
    assert not tried(now, code, bound_to="file-1", phone="+79175551021")
    assert not tried(now, code, bound_to="file-1", subject_id=2)
    assert tried(now, code, bound_to="file-1")


@pytest.mark.parametrize(
    ("wrong", "later", "good"), [(4, 0, True), (5, 0, False), (0, 9, True), (0, 10, False)]
)
def test_five_tries_and_ten_minutes(now, wrong, later, good):
    code = asked(now).digits
    other = f"{(int(code) + 1) % 1_000_000:06}"
    assert not any(tried(now, other) for _ in range(wrong))
    assert tried(now + timedelta(minutes=later), code) is good


def test_a_new_one_after_a_minute_makes_the_old_one_void(now):
    old = asked(now).digits
    with pytest.raises(CodeJustSent):
        asked(now + AGAIN - timedelta(seconds=1))
    new = asked(now + AGAIN).digits
    network = Network()
    deliver("sms", network, worker="a", now=now + AGAIN)
    assert [re.findall(r"\d{6}", wire.text) for wire in network.got] == [[new]]
    assert old == new or not tried(now + AGAIN, old)
    assert tried(now + AGAIN, new)


def test_a_phone_gets_six_an_hour_whoever_asks(now):
    for number in range(6):
        asked(now, subject_id=number)
    with pytest.raises(TooManyCodes):
        asked(now, subject_id=7)
    assert Message.objects.count() == 6
    assert asked(now + timedelta(hours=1, seconds=1), subject_id=7)


def test_a_fixed_line_is_refused_before_anything_is_stored(now):
    with pytest.raises(NoSms):
        asked(now, phone="+78432000101")
    assert not Message.objects.exists()


def test_codes_do_not_use_up_the_messages_of_a_client(vera, now):
    from clientela.modules.contacts.operations import queue_message

    for number in range(4):
        asked(now, phone="+79170004108", subject_id=number, client=vera)
    deliver("sms", Network(), worker="a", now=now)
    told = queue_message(now=now, actor=None, client=vera, channel="sms", text="Ваш полис заканчивается")
    assert (told.state, told.detail) == ("queued", "")


def test_what_is_over_is_forgotten(now):
    from clientela.modules.contacts.operations.awaited import forget_secrets

    asked(now)
    assert (forget_secrets(now=now), forget_secrets(now=now + timedelta(minutes=11))) == (0, 1)
    assert (forget_codes(now=now), forget_codes(now=now + timedelta(days=31))) == (0, 1)

"""A client calls: found or made known, greeted by the menu, offered to one person after another, or waiting."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from clientela.foundation.bulk import listed
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call, CallBack, Line, Menu, Number
from clientela.modules.calls.operations.callbacks import ask_back
from clientela.modules.calls.operations.choosing import (
    Choice,
    busy_people,
    choose,
    give_to,
    over,
    pass_on,
    where_it_is,
)
from clientela.modules.calls.operations.journal import (
    client_line,
    hang_up,
    locked,
    new_line,
    order,
    step,
    tell,
    together,
)
from clientela.modules.calls.ports import LineArrived
from clientela.modules.calls.queries import ahead_of, music_of, sound_of, sound_of_menu
from clientela.modules.calls.rules import (
    CALL_BACK_KEY,
    MENU_PAUSE,
    OFFER_SECONDS,
    PLACE_EVERY,
    WAIT_MOST,
    Do,
    Outcome,
    is_open,
    key_of,
)
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.operations.newcomers import cards_for, home_branch
from clientela.modules.organisation.models import RenewalCentre
from clientela.modules.routing.rules import Why

State = Call.State
_GOODBYE = timedelta(seconds=12)


def arrived(event: LineArrived, *, now: datetime) -> None:
    """Somebody calls. A line that is known already changes nothing."""
    try:
        arrived_together([event], now=now)
    except IntegrityError:  # the same word came over another connection at this moment
        if not Line.objects.filter(line=event.line).exists():
            raise


@transaction.atomic
def arrived_together(events: Sequence[LineArrived], *, now: datetime) -> None:
    """Some call at one moment: all are known, placed and offered by the same few statements, in their order."""
    known = set(Line.objects.filter(line__in=[one.line for one in events]).values_list("line", flat=True))
    fresh = {one.line: one for one in events if one.line not in known}
    rows = Number.objects.filter(value__in={one.to for one in fresh.values()}, is_active=True)
    ours = {our.value: our for our in rows.select_related("menu")}
    callers = _callers({one.from_ for one in fresh.values()} - {""}, now)
    calls = [_call(one, ours.get(one.to), callers.get(one.from_, [])) for one in fresh.values()]
    Call.objects.bulk_create(calls)
    lines = [
        Line(
            call=call, line=one.line, role=Line.Role.CLIENT, number=call.number, state=Line.State.UP,
            asked_at=one.at, answered_at=one.at,
        )
        for call, one in zip(calls, fresh.values(), strict=True)
    ]  # fmt: skip
    Line.objects.bulk_create(lines)
    with together(now):
        straight = []
        for call, line, one in zip(calls, lines, fresh.values(), strict=True):
            step(call, "arrived", now, number=one.from_, to=one.to, clients=len(callers.get(one.from_, [])))
            order(call, "answer", now, line=line.line)
            if call.our is not None and call.our.menu is not None:
                greet(call, call.our.menu, now, line=line)
            else:
                call.queued_at = now
                straight.append((call, line))
        asked = [(call, not (call.our and call.our.by_region)) for call, _line in straight]
        for (call, line), choice in zip(straight, choose(asked, now=now), strict=True):
            follow(call, choice, now, lines=[line])


def _call(event: LineArrived, our: Number | None, clients: list[Client]) -> Call:
    """The call that is to be stored: whose it is, the client's or of the place of the number called."""
    client = clients[0] if len(clients) == 1 else None
    call = Call(
        direction=Call.Direction.IN, client=client, number=event.from_[:32], our=our, our_number=event.to[:32],
        state=State.MENU, started_at=event.at,
    )  # fmt: skip
    if client is not None:
        call.agent_id, call.branch_id, call.centre_id = client.agent_id, client.branch_id, client.centre_id
    else:
        likely = clients[0].branch if clients else None
        call.branch = (our.branch if our else None) or likely or home_branch()
        call.centre = our.centre if our else None
    if our is not None and our.by_region and call.centre_id is None:
        centres = RenewalCentre.objects.order_by("name", "id")
        call.centre = our.centre or centres.filter(branches=call.branch).first() or centres.first()
    return call


def _callers(numbers: Collection[str], now: datetime) -> dict[str, list[Client]]:
    """Whose each number is, at most 20 of them; a stranger gets a card. Who hides the number is nobody's."""
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value__in=listed(numbers))
    ids: dict[str, set[int]] = defaultdict(set)
    for value, client_id in points.order_by().values_list("value", "client_id"):
        ids[value].add(client_id)
    if strangers := {number: "" for number in sorted(numbers) if number not in ids}:
        for number, cards in cards_for("operator", strangers, now=now).items():
            ids[number].update(cards)
    clients = Client.objects.in_bulk({one for some in ids.values() for one in some})
    return {
        number: [clients[one] for one in sorted(some)[:20] if one in clients] for number, some in ids.items()
    }


def greet(call: Call, menu: Menu, now: datetime, *, line: Line | None = None) -> None:
    """Say what the keys do, or that nobody works now. ``line``: the client's, where it is known."""
    line = line or client_line(call)
    if line is None:
        return
    call.menu, call.state = menu, State.MENU
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    if not is_open(menu.opens, menu.closes, local):
        call.due_at, call.outcome = now + _GOODBYE, Outcome.CLOSED
        _say(call, line, "closed", [sound_of_menu(menu, "closed"), sound_of("call-back")], now)
        ask_back(call, CallBack.Why.ASKED, now)
        step(call, "closed", now, menu=menu.name)
    else:
        # The exchange says when the greeting is over; if that is lost, the caller is connected all the same.
        call.due_at = now + timedelta(seconds=60)
        notice = [sound_of("recording")] if call.our and call.our.records else []
        _say(call, line, "menu", [*notice, sound_of_menu(menu, "greeting")], now)
        step(call, "menu", now, menu=menu.name)
    call.save()
    tell(call, now)


def _say(call: Call, line: Line, prompt: str, sounds: list[str], now: datetime) -> None:
    order(call, "play", now, line=line.line, prompt=f"c{call.pk}-{prompt}", sounds=sounds)


def pressed(call: Call, key: str, now: datetime) -> None:
    """A key of the caller's."""
    line = client_line(call)
    if line is None:
        return
    if call.state in (State.WAITING, State.RINGING) and call.answered_at is None:
        if key == CALL_BACK_KEY and call.outcome != Outcome.CALL_BACK:
            _call_back(call, line, now)
        return
    if call.state != State.MENU or call.menu is None or call.outcome == Outcome.CLOSED:
        return
    chosen = key_of(call.menu.keys, key)
    step(call, "key", now, key=key, words=(chosen or {}).get("words", ""))
    if chosen is None:
        _say(call, line, "menu", [sound_of_menu(call.menu, "greeting")], now)
        return
    call.reason = str(chosen.get("words", ""))[:200] or call.reason
    match chosen["do"]:
        case Do.MENU if menu := Menu.objects.filter(pk=chosen.get("target") or 0).first():
            greet(call, menu, now)
        case Do.CALL_BACK:
            _call_back(call, line, now)
        case Do.MESSAGE:
            call.due_at, call.outcome = now + _GOODBYE, Outcome.SOLVED
            call.save()
            _say(call, line, "message", [sound_of_menu(call.menu, f"key-{key}")], now)
        case Do.PERSON:
            route(call, now, to=chosen.get("target"))
        case Do.QUEUE:
            route(call, now, owner_first=False)
        case _:
            route(call, now)


def _call_back(call: Call, line: Line, now: datetime) -> None:
    """The caller may hang up and keeps the place."""
    ask_back(call, CallBack.Why.ASKED, now)
    for desk in call.lines.filter(role=Line.Role.DESK):
        hang_up(desk, now)
    before, call.offered_to_id = call.offered_to_id, None
    over(call, now)
    call.outcome, call.due_at, call.state = Outcome.CALL_BACK, now + _GOODBYE, State.WAITING
    call.save()
    step(call, "call_back", now)
    _say(call, line, "call-back", [sound_of("call-back")], now)
    tell(call, now, [before])


def said(call: Call, prompt: str, now: datetime) -> None:
    """Something was said to its end."""
    line = client_line(call)
    if line is None or not prompt.startswith(f"c{call.pk}-"):
        return
    if call.outcome in (Outcome.CLOSED, Outcome.CALL_BACK, Outcome.SOLVED):
        hang_up(line, now)
    elif call.state == State.MENU and prompt.endswith("-menu"):
        call.due_at = now + MENU_PAUSE
        call.save(update_fields=["due_at"])
    elif call.state in (State.WAITING, State.RINGING) and prompt.endswith("-place"):
        _music(call, line, now)


def _music(call: Call, line: Line, now: datetime) -> None:
    """What is heard while waiting: the queue's own sound again and again, else the exchange's music."""
    if sound := music_of(call):
        order(call, "play", now, line=line.line, prompt=f"c{call.pk}-music", sounds=[sound], again=True)
    else:
        order(call, "part", now, line=line.line, music=True)


def route(call: Call, now: datetime, *, to: int | None = None, owner_first: bool | None = None) -> None:
    """Ring whom routing or ``to`` names, or let the caller wait. The caller holds the call's lock."""
    if client_line(call) is None or call.outcome in (Outcome.CALL_BACK, Outcome.CLOSED):
        return
    call.queued_at = call.queued_at or (now if call.is_in else None)
    if to is not None and to not in busy_people() and User.objects.filter(pk=to, is_active=True).exists():
        choice = give_to(call, to, by=None, now=now, why=Why.TAKEN)
    else:
        first = not (call.our and call.our.by_region) if owner_first is None else owner_first
        (choice,) = choose([(call, first)], now=now)
    follow(call, choice, now)


def follow(call: Call, choice: Choice, now: datetime, *, lines: list[Line] | None = None) -> None:
    """Ring the person chosen, and nobody else; nobody chosen: the caller waits and hears the place.

    ``lines``: those of the call, where they are known.
    """
    lines = list(call.lines.order_by("id")) if lines is None else lines
    alive = (one for one in lines if one.role == Line.Role.CLIENT and one.state != Line.State.ENDED)
    line, before, waited = next(alive, None), call.offered_to_id, call.state == State.WAITING
    if line is None or (choice.person_id == before and call.state == State.RINGING):
        return
    for desk in lines:
        if desk.role == Line.Role.DESK and desk.state in (Line.State.ASKED, Line.State.RINGING):
            desk.call = call
            hang_up(desk, now)
    call.menu, call.offered_to_id, call.reasons = None, choice.person_id, choice.reasons
    if choice.person_id is None:
        call.offered_until, call.state = None, State.WAITING
        call.due_at = call.due_at if waited and call.due_at else now + PLACE_EVERY
        call.save()
        if not waited:
            place = ahead_of(call) + 1
            name = call.centre.name if call.centre else call.branch.name if call.branch else ""
            step(call, "queued", now, place=place, name=name)
            _say(call, line, "place", [sound_of("place", place)], now)
        tell(call, now, [before])
        return
    call.offered_until, call.state = now + timedelta(seconds=OFFER_SECONDS), State.RINGING
    call.due_at = now + timedelta(seconds=OFFER_SECONDS + 10)
    call.save()
    name, person = f"desk{choice.person_id}", choice.person_id
    desk = new_line(call, Line.Role.DESK, name, now, count=len(lines), person_id=person)
    if not waited:
        _music(call, line, now)
    order(
        call, "ring", now, line=desk.line, to=f"desk:{choice.person_id}", caller_id=call.number,
        caller_name=call.client.name if call.client else "", seconds=OFFER_SECONDS,
    )  # fmt: skip
    step(call, "offered", now, choice.person_id, **(choice.reasons[0] if choice.reasons else {}))
    tell(call, now, [before])


def not_picked_up(call: Call, person_id: int, now: datetime) -> None:
    """The person rung did not take the call: the next one, please."""
    step(call, "not_answered", now, person_id)
    call.offered_to, call.state = None, State.MENU  # neither rung nor waiting: the place is said anew
    choice = pass_on(call, person_id, now=now)
    follow(call, choice if choice.person_id != person_id else Choice(None, choice.reasons), now)


def follow_work(call_ids: Collection[int], *, now: datetime) -> None:
    """Routing moved these calls: ring whom it names now, however often it is told."""
    for call_id in sorted(call_ids):
        with transaction.atomic():
            call = Call.objects.select_for_update(of=("self",)).filter(pk=call_id).first()
            if (
                call is None
                or not call.is_in
                or call.state not in (State.WAITING, State.RINGING)
                or call.outcome
            ):
                continue
            choice = where_it_is(call)
            if choice.person_id == call.offered_to_id:
                continue
            if call.offered_to_id is not None:
                step(call, "not_answered", now, call.offered_to_id)
            follow(call, choice, now)


def look_again(call_id: int, *, now: datetime) -> None:
    """What a call does by itself at its moment: leave the menu, hear its place, be taken out of the queue."""
    with transaction.atomic():
        call = locked(call_id)
        line = client_line(call)
        if call.due_at is None or call.due_at > now or call.state == State.ENDED:
            return
        call.due_at = None
        call.save(update_fields=["due_at"])
        if line is None:
            return
        if call.outcome in (Outcome.CLOSED, Outcome.CALL_BACK, Outcome.SOLVED):
            hang_up(line, now)
        elif call.state == State.MENU:
            route(call, now)
        elif call.state == State.WAITING and now - call.started_at > WAIT_MOST:
            _call_back(call, line, now)
        elif call.state == State.WAITING:
            call.due_at = now + PLACE_EVERY
            call.save(update_fields=["due_at"])
            _say(call, line, "place", [sound_of("place", ahead_of(call) + 1)], now)
        elif call.state == State.RINGING and call.offered_to_id and call.is_in:
            # The exchange never said that the ringing ended.
            for desk in call.lines.filter(role=Line.Role.DESK, person=call.offered_to_id):
                hang_up(desk, now)
            not_picked_up(call, call.offered_to_id, now)

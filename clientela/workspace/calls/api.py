"""Calls for other programs: the list, what happened in each, everything done in one, numbers and menus."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from clientela.foundation.api.pagination import Cursor, Limit, Page, bad_cursor
from clientela.foundation.api.problems import map_problem
from clientela.foundation.audit.operations import record
from clientela.foundation.private_files import private_sound
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call, CallBack, Menu, Number, Recording, Sound
from clientela.modules.calls.operations import acts, callbacks, numbers, outbound, sounds
from clientela.modules.calls.telephone_sound import NoSound, SoundTooLong
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Branch, RenewalCentre
from clientela.workspace.calls import queries, schemas
from clientela.workspace.renewals.keyset import reads

router = Router(tags=["calls"])
_WRONG: tuple[type[Refusal], ...] = (
    acts.CannotTakeCall, acts.NoSuchOutcome, outbound.NoNumber, outbound.NotNow, numbers.NameTaken, numbers.NumberTaken,
    numbers.WrongKey, callbacks.NoSuchResult, sounds.SoundNameTaken, sounds.SoundInUse, NoSound, SoundTooLong,
)  # fmt: skip
for _refusal in _WRONG:
    map_problem(_refusal, 422)
map_problem(acts.NotYourCall, 409)
map_problem(outbound.Busy, 409)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _found(request: HttpRequest, call_id: int) -> Call:
    rows = Call.objects.visible_to(request.user).select_related("client", "our", "agent", "branch", "centre")
    return get_object_or_404(rows, pk=call_id)


@router.get("/calls", response=Page[schemas.CallOut])
@requires(Permission.CLIENTS_READ)
def list_calls(
    request: HttpRequest, conditions: Query[schemas.CallConditions], cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """Calls by the conditions of the screen, the newest first."""
    if cursor and not reads(cursor, queries.ORDER):
        raise bad_cursor()
    page = queries.page(request.user, conditions.wanted(), after=cursor, size=limit)
    return {"items": page.rows, "next": page.after or None}


@router.post("/calls", response={201: schemas.CallOut})
@requires(Permission.CONTACTS_WRITE)
def dial(request: HttpRequest, body: schemas.DialIn) -> Any:
    """Rings the caller's own desk and then the client."""
    if body.client_id is not None:
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=body.client_id)
        call = outbound.call_client(
            **_who(request), client=client, contact_point_id=body.contact_point_id, reason=body.reason
        )
    else:
        call = outbound.call_number(**_who(request), number=body.number, reason=body.reason)
    return Status(201, call)


@router.get("/calls/{call_id}", response=schemas.CallWithSteps)
@requires(Permission.CLIENTS_READ)
def get_call(request: HttpRequest, call_id: int) -> Any:
    return _found(request, call_id)


@router.get("/calls/{call_id}/recordings", response=list[schemas.RecordingOut])
@requires(Permission.CLIENTS_READ)
def list_recordings(request: HttpRequest, call_id: int) -> Any:
    """Those the person may hear: of own talks, or with the permission to listen."""
    return queries.recordings(request.user, _found(request, call_id))


@router.get("/recordings/{recording_id}/sound")
@requires(Permission.CLIENTS_READ)
def get_sound(request: HttpRequest, recording_id: int) -> HttpResponse:
    """The WAV, or the part that a Range header asks for."""
    recording = get_object_or_404(Recording.objects.exclude(file=""), pk=recording_id)
    call = _found(request, recording.call_id)
    if not queries.may_hear(request.user, call):
        return get_object_or_404(Recording.objects.none(), pk=recording_id)  # type: ignore[return-value]
    record(actor=request.user, now=timezone.now(), action="call.heard", obj=call.client or call)
    return private_sound(recording.file, request.headers.get("Range", ""))


def _do(request: HttpRequest, call_id: int, verb: Callable[..., Any], **values: Any) -> Call:
    verb(**_who(request), call=_found(request, call_id), **values)
    return Call.objects.select_related("client").get(pk=call_id)


@router.post("/calls/{call_id}/acceptance", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def accept(request: HttpRequest, call_id: int) -> Any:
    """Lifts the handset of the own desk."""
    return _do(request, call_id, acts.accept)


@router.post("/calls/{call_id}/decline", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def decline(request: HttpRequest, call_id: int) -> Any:
    return _do(request, call_id, acts.decline)


@router.post("/calls/{call_id}/taking", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def take(request: HttpRequest, call_id: int) -> Any:
    """Has a call of the queue rung at the own desk."""
    return _do(request, call_id, acts.take)


@router.post("/calls/{call_id}/hang-up", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def hang_up(request: HttpRequest, call_id: int) -> Any:
    return _do(request, call_id, acts.hang_up_call)


@router.post("/calls/{call_id}/hold", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def hold(request: HttpRequest, call_id: int) -> Any:
    return _do(request, call_id, acts.hold)


@router.post("/calls/{call_id}/resumption", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def resume(request: HttpRequest, call_id: int) -> Any:
    return _do(request, call_id, acts.resume)


@router.post("/calls/{call_id}/transfer", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def transfer(request: HttpRequest, call_id: int, body: schemas.CallTransferIn) -> Any:
    """At once (blind), to the queue, or after a word with the person."""
    person = None
    if body.person_id is not None:
        person = User.objects.filter(pk=body.person_id, is_active=True).first()
        if person is None:
            raise acts.CannotTakeCall
    if body.ask:
        if person is None:
            raise acts.CannotTakeCall
        return _do(request, call_id, acts.consult, person=person)
    return _do(request, call_id, acts.transfer, person=person)


@router.post("/calls/{call_id}/hand-over", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def hand_over(request: HttpRequest, call_id: int) -> Any:
    """The colleague who was asked takes the client over."""
    return _do(request, call_id, acts.hand_over)


@router.post("/calls/{call_id}/conference", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def confer(request: HttpRequest, call_id: int) -> Any:
    return _do(request, call_id, acts.confer)


@router.post("/calls/{call_id}/keys", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def press_keys(request: HttpRequest, call_id: int, body: schemas.KeysIn) -> Any:
    return _do(request, call_id, acts.press, keys=body.keys)


@router.post("/calls/{call_id}/recording", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def switch_recording(request: HttpRequest, call_id: int, body: schemas.RecordingSwitchIn) -> Any:
    """Records from now on, after the client heard it; or stops."""
    return _do(request, call_id, acts.switch_recording, on=body.on)


@router.post("/calls/{call_id}/listening", response=schemas.CallOut)
@requires(Permission.CALLS_LISTEN)
def listen(request: HttpRequest, call_id: int, body: schemas.ListeningIn) -> Any:
    """Rings the supervisor's desk, which then hears the talk."""
    return _do(request, call_id, acts.listen, whisper=body.whisper)


@router.post("/calls/{call_id}/outcome", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def note_outcome(request: HttpRequest, call_id: int, body: schemas.OutcomeIn) -> Any:
    return _do(request, call_id, acts.note_outcome, **body.dict())


@router.post("/calls/{call_id}/caller", response=schemas.CallOut)
@requires(Permission.CONTACTS_WRITE)
def name_caller(request: HttpRequest, call_id: int, body: schemas.CallerIn) -> Any:
    """Says which of the clients who share the number it is."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=body.client_id)
    return _do(request, call_id, acts.name_caller, client=client)


@router.get("/call-backs", response=list[schemas.CallBackOut])
@requires(Permission.CLIENTS_READ)
def list_call_backs(request: HttpRequest) -> Any:
    """Whoever waits to be called, the longest first; a hundred at the most."""
    return queries.call_backs(request.user)


@router.post("/call-backs/{call_back_id}/completion", response=schemas.CallBackOut)
@requires(Permission.CONTACTS_WRITE)
def complete_call_back(
    request: HttpRequest, call_back_id: int, body: schemas.CallBackResultIn | None = None
) -> Any:
    """Nobody need call any more, and how it ended."""
    back = get_object_or_404(CallBack.objects.visible_to(request.user), pk=call_back_id)
    callbacks.close(**_who(request), call_back=back, **(body or schemas.CallBackResultIn()).dict())
    back.refresh_from_db()
    return back


@router.get("/telephony/numbers", response=list[schemas.NumberOut])
@requires(Permission.TELEPHONY_WRITE)
def list_numbers(request: HttpRequest) -> Any:
    return list(Number.objects.all())


def _number(body: schemas.NumberIn) -> dict[str, Any]:
    values = body.dict(exclude={"branch_id", "centre_id", "menu_id"})
    return values | {
        "branch": get_object_or_404(Branch, pk=body.branch_id) if body.branch_id else None,
        "centre": get_object_or_404(RenewalCentre, pk=body.centre_id) if body.centre_id else None,
        "menu": get_object_or_404(Menu, pk=body.menu_id) if body.menu_id else None,
    }


@router.post("/telephony/numbers", response={201: schemas.NumberOut})
@requires(Permission.TELEPHONY_WRITE)
def create_number(request: HttpRequest, body: schemas.NumberIn) -> Any:
    return Status(201, numbers.save_number(**_who(request), number=None, values=_number(body)))


@router.put("/telephony/numbers/{number_id}", response=schemas.NumberOut)
@requires(Permission.TELEPHONY_WRITE)
def change_number(request: HttpRequest, number_id: int, body: schemas.NumberIn) -> Any:
    number = get_object_or_404(Number, pk=number_id)
    return numbers.save_number(**_who(request), number=number, values=_number(body))


@router.get("/telephony/menus", response=list[schemas.MenuOut])
@requires(Permission.TELEPHONY_WRITE)
def list_menus(request: HttpRequest) -> Any:
    return list(Menu.objects.all())


def _menu(request: HttpRequest, menu: Menu | None, body: schemas.MenuIn) -> Menu:
    keys = [one.kept() for one in body.keys]
    sounds = {"greeting_sound": body.greeting_sound_id, "closed_sound": body.closed_sound_id}
    values = body.dict(exclude={"keys", "greeting_sound_id", "closed_sound_id"})
    values |= {
        name: get_object_or_404(Sound, pk=pk, is_active=True) if pk else None for name, pk in sounds.items()
    }
    return numbers.save_menu(**_who(request), menu=menu, values=values, keys=keys)


@router.post("/telephony/menus", response={201: schemas.MenuOut})
@requires(Permission.TELEPHONY_WRITE)
def create_menu(request: HttpRequest, body: schemas.MenuIn) -> Any:
    return Status(201, _menu(request, None, body))


@router.put("/telephony/menus/{menu_id}", response=schemas.MenuOut)
@requires(Permission.TELEPHONY_WRITE)
def change_menu(request: HttpRequest, menu_id: int, body: schemas.MenuIn) -> Any:
    return _menu(request, get_object_or_404(Menu, pk=menu_id), body)


@router.get("/telephony/sounds", response=list[schemas.SoundOut])
@requires(Permission.SCHEDULES_WRITE)
def list_sounds(request: HttpRequest) -> Any:
    """Those that may be chosen."""
    return list(Sound.objects.filter(is_active=True))


@router.post("/telephony/sounds", response={201: schemas.SoundOut})
@requires(Permission.SCHEDULES_WRITE)
def add_sound(request: HttpRequest, body: Form[schemas.SoundIn], file: File[UploadedFile]) -> Any:
    """A WAV or MP3, kept as telephones play it."""
    return Status(201, sounds.add_sound(**_who(request), **body.dict(), data=file.read()))


@router.get("/telephony/sounds/{sound_id}/sound")
@requires(Permission.CLIENTS_READ)
def get_recorded(request: HttpRequest, sound_id: int) -> HttpResponse:
    """The WAV, or the part that a Range header asks for."""
    found = get_object_or_404(Sound, pk=sound_id)
    return private_sound(found.file, request.headers.get("Range", ""))


@router.delete("/telephony/sounds/{sound_id}", response={204: None})
@requires(Permission.SCHEDULES_WRITE)
def put_sound_away(request: HttpRequest, sound_id: int) -> Any:
    """It is chosen nowhere any more; a dialogue that says it goes on."""
    sounds.put_away(**_who(request), sound=get_object_or_404(Sound, pk=sound_id))
    return Status(204, None)


@router.get("/telephony/music", response=list[schemas.MusicOut])
@requires(Permission.TELEPHONY_WRITE)
def list_music(request: HttpRequest) -> Any:
    """What those hear who wait, by queue."""
    return [
        {"queue": code, "name": name, "sound_id": sound.pk if sound else None}
        for code, name, sound in queries.music()
    ]


@router.put("/telephony/music", response=list[schemas.MusicOut])
@requires(Permission.TELEPHONY_WRITE)
def choose_music(request: HttpRequest, body: schemas.MusicIn) -> Any:
    sound = get_object_or_404(Sound, pk=body.sound_id, is_active=True) if body.sound_id else None
    if body.queue not in {code for code, _name, _sound in queries.music()}:
        raise Http404
    sounds.choose_music(**_who(request), queue=body.queue, sound=sound)
    return list_music(request)

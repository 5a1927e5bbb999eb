"""The voice robot for other programs: dialogues and their versions, calls with transcripts, pausing."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import Problem, map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.robot import schemas
from clientela.modules.robot.models import Dialogue, DialogueVersion, Pause, RobotCall
from clientela.modules.robot.operations import dialogues, requests
from clientela.modules.robot.rules.checks import problems
from clientela.modules.robot.rules.dialogue import VARIABLES, BadDialogue
from clientela.modules.robot.rules.speech import SpeechError
from clientela.modules.robot.rules.trial import play

router = Router(tags=["robot"])
for refused in (BadDialogue, dialogues.BadStart, SpeechError):
    map_problem(refused, 422)
for conflict in (dialogues.VersionInForce, dialogues.ChangedMeanwhile):
    map_problem(conflict, 409)


def _version(version_id: int) -> DialogueVersion:
    return get_object_or_404(DialogueVersion.objects.select_related("dialogue"), pk=version_id)


def _full(version: DialogueVersion) -> dict[str, Any]:
    faults = [{"code": p.code, "node": p.node, "text": str(p.text)} for p in problems(version.parsed)]
    names = ("id", "number", "state", "active_from", "changed_at", "graph")
    return {name: getattr(version, name) for name in names} | {"faults": faults}


@router.get("/dialogues", response=list[schemas.DialogueOut])
@requires(Permission.RENEWALS_READ)
def list_dialogues(request: HttpRequest) -> Any:
    return Dialogue.objects.prefetch_related("versions")


@router.get("/dialogue-versions/{dialogue_version_id}", response=schemas.DialogueGraphOut)
@requires(Permission.RENEWALS_READ)
def get_dialogue_version(request: HttpRequest, dialogue_version_id: Id) -> Any:
    """A version with its graph and everything that is wrong with it."""
    return _full(_version(dialogue_version_id))


@router.post("/dialogue-drafts", response={201: schemas.DialogueGraphOut})
@requires(Permission.SCHEDULES_WRITE)
def make_dialogue_draft(request: HttpRequest, body: schemas.DialogueDraftIn) -> Any:
    """A draft copied from a version; the dialogue's existing draft is given back if there is one."""
    version = _version(body.from_version)
    return Status(201, _full(dialogues.make_draft(actor=request.user, now=timezone.now(), version=version)))


@router.put("/dialogue-versions/{dialogue_version_id}/graph", response=schemas.DialogueGraphOut)
@requires(Permission.SCHEDULES_WRITE)
def put_dialogue_graph(request: HttpRequest, dialogue_version_id: Id, body: schemas.DialogueGraphIn) -> Any:
    """Put a whole graph into a draft."""
    version = _version(dialogue_version_id)
    kept = dialogues.replace_graph(
        actor=request.user, now=timezone.now(), version=version, graph=body.graph, seen=body.changed_at
    )
    return _full(kept)


@router.post("/dialogue-versions/{dialogue_version_id}/activation", response=schemas.DialogueVersionOut)
@requires(Permission.SCHEDULES_WRITE)
def activate_dialogue(
    request: HttpRequest, dialogue_version_id: Id, body: schemas.DialogueActivationIn
) -> Any:
    """Put a draft in force from a day on; a dialogue that has a fault does not start."""
    version = _version(dialogue_version_id)
    return dialogues.activate(
        actor=request.user, now=timezone.now(), version=version, active_from=body.active_from
    )


@router.post("/dialogue-versions/{dialogue_version_id}/retirement", response=schemas.DialogueVersionOut)
@requires(Permission.SCHEDULES_WRITE)
def retire_dialogue(request: HttpRequest, dialogue_version_id: Id) -> Any:
    """Take a version out before its day; the one before it stays in force."""
    version = _version(dialogue_version_id)
    return dialogues.retire(actor=request.user, now=timezone.now(), version=version)


@router.post("/dialogue-versions/{dialogue_version_id}/trial", response=schemas.TrialOut)
@requires(Permission.RENEWALS_READ)
def try_dialogue(request: HttpRequest, dialogue_version_id: Id, body: schemas.TrialIn) -> Any:
    """A conversation with given answers, on given words or on samples. Nothing is sent, nobody is called."""
    graph = _version(dialogue_version_id).parsed
    if problems(graph):
        raise Problem(409, "has_faults", str(problems(graph)[0].text))
    values = {name: variable.sample for name, variable in VARIABLES.items()} | body.values
    trial = play(graph, values, body.events, machine=body.machine)
    return {
        "lines": trial.lines, "acts": trial.acts, "outcome": trial.talk.outcome, "is_over": trial.is_over,
    }  # fmt: skip


@router.get("/robot-calls", response=Page[schemas.RobotCallOut])
@requires(Permission.RENEWALS_READ)
def list_robot_calls(
    request: HttpRequest, client_id: Id | None = None, state: str = "", cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """Calls within the caller's scope, the newest first."""
    calls = RobotCall.objects.visible_to(request.user)
    if client_id is not None:
        calls = calls.filter(client_id=client_id)
    if state:
        if state not in RobotCall.State.values:
            raise Problem(422, "bad_state", "state")
        calls = calls.filter(state=state)
    return page_of(calls, order=("-id",), cursor=cursor, limit=limit)


@router.get("/robot-calls/{robot_call_id}", response=schemas.RobotCallFullOut)
@requires(Permission.RENEWALS_READ)
def get_robot_call(request: HttpRequest, robot_call_id: Id) -> Any:
    """A call with every attempt and what was said."""
    calls = RobotCall.objects.visible_to(request.user).prefetch_related("attempts__said")
    return get_object_or_404(calls, pk=robot_call_id)


@router.post("/robot-pause", response=schemas.RobotStateOut)
@requires(Permission.SCHEDULES_WRITE)
def pause_robot(request: HttpRequest, body: schemas.PauseIn) -> Any:
    """Ring nobody until it is resumed."""
    requests.pause(actor=request.user, now=timezone.now(), reason=body.reason)
    return _state()


@router.delete("/robot-pause", response=schemas.RobotStateOut)
@requires(Permission.SCHEDULES_WRITE)
def resume_robot(request: HttpRequest) -> Any:
    """Let the robot call again."""
    requests.resume(actor=request.user, now=timezone.now())
    return _state()


@router.get("/robot-pause", response=schemas.RobotStateOut)
@requires(Permission.RENEWALS_READ)
def get_robot_state(request: HttpRequest) -> Any:
    return _state()


def _state() -> dict[str, Any]:
    open_ = Pause.objects.filter(ended_at=None).first()
    return {"paused_since": open_.since if open_ else None, "live": RobotCall.objects.live().count()}

"""`Exchange` over Asterisk: its channels are lines, its bridges rooms.

One thread reads the stream of events; a few tell the desk, in order for each line. Asterisk keeps every channel that is
in our application while nobody is connected, so joined lines talk on; what it has is told anew at each connection.
"""

import logging
import os
import threading
import time
import uuid
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any

from websockets.sync.client import ClientConnection

from clientela.integrations.asterisk import records, words
from clientela.integrations.asterisk.client import Ari, Event, Refused
from clientela.integrations.asterisk.lanes import Lanes
from clientela.integrations.asterisk.settings import AsteriskSettings, read_settings
from clientela.integrations.asterisk.sounds import SharedSounds
from clientela.integrations.speech import sounds as speech
from clientela.modules.calls.ports import (
    Desk,
    Ending,
    ExchangeDown,
    ExchangeRecord,
    KeyPressed,
    LineAnswered,
    LineArrived,
    LineEnded,
    LineRinging,
    LiveLine,
    PromptEnded,
    RecordingEnded,
    Ring,
    SoundStore,
    Told,
)

logger = logging.getLogger(__name__)

_GONE = (404, 409, 412, 422)  # not there, not with us any more, or already as we want it
_KEPT = 10_000
_TELL_TRIES = 8
_CLOSE = 0.3  # seconds between our clock and Asterisk's


@dataclass(slots=True)
class _Prompt:
    prompt: str
    media: str
    again: bool
    id: str
    stopped: bool = False


@dataclass(slots=True)
class _Line:
    answered: bool = False
    room: str = ""
    music: bool = False
    ending: Ending | None = None
    rings_until: float = 0
    prompts: list[_Prompt] = field(default_factory=list)


class AsteriskExchange:
    """Requests may come from any thread and wait for Asterisk's answer, a few milliseconds."""

    def __init__(self, settings: AsteriskSettings, sounds: SoundStore) -> None:
        self.settings = settings
        self._ari = Ari(settings)
        self._sounds = SharedSounds(sounds, settings)
        self._lanes = Lanes(settings.threads, "asterisk")
        self._lines: dict[str, _Line] = {}
        self._ended: dict[str, None] = {}
        self._recorded: dict[str, None] = {}
        self._desk: Desk | None = None
        self._stream: ClientConnection | None = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._listening = threading.Event()

    @property
    def connected(self) -> bool:
        """Whether the desk is told what happens, now."""
        return self._listening.is_set()

    # -- the port

    def start(self, desk: Desk) -> None:
        if self._thread is not None:
            raise RuntimeError("already started")
        self._desk = desk
        self._thread = threading.Thread(target=self._listen, name="asterisk-events", daemon=True)
        self._thread.start()

    def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        if self._stream is not None:
            self._stream.close()
        if self._thread is not None:
            self._thread.join()
        self._lanes.close()
        self._ari.close()

    def ring(self, ring: Ring) -> None:
        if self._thread is not None and not self.connected:
            raise ExchangeDown("nobody would hear whether the line is picked up")
        if ring.line in self._lines or ring.line in self._ended:
            return
        settings = self.settings
        line = self._lines[ring.line] = _Line(rings_until=time.monotonic() + ring.seconds)
        goal = (
            {"context": settings.listen_context, "extension": "s", "priority": 1}
            if ring.detect_machine
            else {"app": settings.app, "appArgs": "answered"}
        )
        try:
            self._ari.ask(
                "POST",
                "channels",
                ring.line,
                endpoint=words.dial_string(ring.to, trunk=settings.trunk, desk=settings.desk),
                callerId=words.caller_id(ring.caller_id, ring.caller_name),
                timeout=ring.seconds,
                body={"variables": {"CHANNEL(accountcode)": settings.app}},
                **goal,
            )
        except Refused as refused:
            if refused.status == 409:  # rung before a crash of ours
                return
            line.ending = Ending.UNREACHABLE
            ended = LineEnded(ring.line, datetime.now(UTC), line.ending, str(refused))
            self._lanes.put(ring.line, partial(self._ended_line, ring.line, ended))
        except ExchangeDown:
            self._lines.pop(ring.line, None)
            raise

    def answer(self, line: str) -> None:
        self._ask("POST", "channels", line, "answer")

    def hang_up(self, line: str, ending: Ending = Ending.NORMAL) -> None:
        if known := self._lines.get(line):
            known.ending = ending
        self._ask("DELETE", "channels", line, reason=words.REASONS[ending])

    def play(self, line: str, prompt: str, sounds: Sequence[str], *, again: bool = False) -> None:
        known = self._lines.get(line)
        if known is None:
            return
        if known.prompts and known.prompts[-1].prompt == prompt and not known.prompts[-1].stopped:
            return
        self.silence(line)
        try:
            media = ",".join(f"sound:{self._sounds.place(sound)}" for sound in sounds)
        except LookupError as missing:
            logger.warning("asterisk.no_such_sound", extra={"sound": str(missing)})
            self._put(line, PromptEnded(line, prompt, datetime.now(UTC), whole=False))
            return
        started = _Prompt(prompt, media, again, self._playback_id(prompt))
        known.prompts.append(started)
        self._play(line, known, started)

    def silence(self, line: str) -> None:
        known = self._lines.get(line)
        for prompt in list(known.prompts) if known else ():
            prompt.stopped = True
            self._ask("DELETE", "playbacks", prompt.id)

    def join(self, room: str, lines: Sequence[str]) -> None:
        self._ask("POST", "bridges", room, type="mixing,dtmf_events", name=self.settings.app)
        for line in lines:
            self._enter(room, line)

    def part(self, line: str, *, music: bool) -> None:
        known = self._lines.get(line) or _Line(room=self._room_of(line))
        if known.room:
            self._ask("POST", "bridges", known.room, "removeChannel", channel=line)
            known.room = ""
        if music and not known.music:
            known.music = self._ask("POST", "channels", line, "moh")
        elif known.music and not music:
            known.music = False
            self._ask("DELETE", "channels", line, "moh")

    def press(self, line: str, keys: str) -> None:
        self._ask("POST", "channels", line, "dtmf", dtmf=keys)

    def listen(self, listener: str, line: str, *, whisper: bool) -> None:
        snoop = f"snoop~{listener}~{line}~{'whisper' if whisper else 'listen'}"
        for other in self._ari.ask("GET", "channels"):
            if other["id"] == snoop:
                return
            if other["id"].startswith(f"snoop~{listener}~"):
                self._ask("DELETE", "channels", other["id"])
        # It joins the listener when it arrives in our application.
        self._ask(
            "POST",
            "channels",
            line,
            "snoop",
            snoop,
            spy="both",
            whisper="out" if whisper else "none",
            app=self.settings.app,
            appArgs=f"snoop,{listener}",
        )

    def record(self, room: str, recording: str) -> None:
        self._ask(
            "POST", "bridges", room, "record", name=self._name(recording), format="wav", ifExists="fail"
        )

    def stop_recording(self, recording: str) -> None:
        self._ask("POST", "recordings", "live", self._name(recording), "stop")

    def fetch_recording(self, recording: str) -> bytes:
        try:
            return self._ari.file("recordings", "stored", self._name(recording), "file")
        except Refused as refused:
            raise LookupError(recording) from refused

    def forget_recording(self, recording: str) -> None:
        self._ask("DELETE", "recordings", "stored", self._name(recording))

    def records(self, *, since: datetime) -> Sequence[ExchangeRecord]:
        """From the file of `conf/cel_custom.conf`; none where the settings name no file."""
        path, app, region = self.settings.records, self.settings.app, self.settings.region
        return records.read(path, app=app, region=region, since=since) if path else []

    # -- requests

    def _ask(self, method: str, *path: str, **params: Any) -> bool:
        """Whether it was done; what is gone needs nothing. Raises `ExchangeDown`."""
        try:
            self._ari.ask(method, *path, **params)
        except Refused as refused:
            if refused.status not in _GONE:
                logger.warning("asterisk.refused %s", refused, extra={"request": "/".join(path)})
            return False
        return True

    def _enter(self, room: str, line: str) -> None:
        known = self._lines.get(line)
        if known and known.music:
            known.music = False
            self._ask("DELETE", "channels", line, "moh")
        for _ in range(2):
            try:
                self._ari.ask("POST", "bridges", room, "addChannel", channel=line)
            except Refused as refused:
                # The room emptied and was put away just now.
                if refused.status == 404 and "ridge" in str(refused):
                    self._ask("POST", "bridges", room, type="mixing,dtmf_events", name=self.settings.app)
                    continue
                return
            if known:
                known.room = room
            return

    def _play(self, line: str, known: _Line, prompt: _Prompt) -> None:
        if not self._ask("POST", "channels", line, "play", prompt.id, media=prompt.media):
            known.prompts.remove(prompt)

    def _playback_id(self, prompt: str) -> str:
        return f"{prompt}~{uuid.uuid4().hex[:12]}"

    def _room_of(self, line: str) -> str:
        return next((b["id"] for b in self._ari.ask("GET", "bridges") if line in b["channels"]), "")

    def _name(self, recording: str) -> str:
        return f"{self.settings.app}-{recording}"

    # -- the stream

    def _listen(self) -> None:
        first, longest = self.settings.backoff
        pause = first
        while not self._closing.is_set():
            try:
                with self._ari.stream() as self._stream:
                    self._resume()
                    pause = first
                    for event in self._ari.events(self._stream):
                        self._sort(event)
            except ExchangeDown as down:
                logger.warning("asterisk.connect_failed", extra={"detail": str(down)})
            except Exception:
                logger.exception("asterisk.stream_failed")
            self._listening.clear()
            if not self._closing.is_set():
                logger.warning("asterisk.not_connected", extra={"again_in": pause})
            self._closing.wait(pause)
            pause = min(pause * 2, longest)

    def _resume(self) -> None:
        """Tell the desk what is alive; events that come meanwhile wait in the stream."""
        assert self._desk is not None
        while not self._lanes.drain(1):
            if self._closing.is_set():
                return
        bridges = [one for one in self._ari.ask("GET", "bridges") if self._is_room(one)]
        rooms = {
            line: bridge["id"]
            for bridge in bridges
            if bridge["name"] == self.settings.app
            for line in bridge["channels"]
        }
        channels = {c["id"]: c for c in self._ari.ask("GET", "channels") if self._ours(c)}
        known, self._lines = self._lines, {}
        for line, channel in channels.items():
            state = known.get(line) or _Line()
            state.room, state.answered = rooms.get(line, ""), self._is_answered(channel)
            self._lines[line] = state
        self._desk.connected(
            [
                LiveLine(line, state.room, state.answered, self._how_it_came(channels[line]))
                for line, state in self._lines.items()
            ]
        )
        self._listening.set()
        for line, state in self._lines.items():
            self._tell_prompts(line, state)
        for bridge in bridges:
            self._put_away(bridge["id"])
        self._tell_recordings()

    def _ours(self, channel: Mapping[str, Any]) -> bool:
        """A line that arrived in our application or that we ring; not what Asterisk adds to listen and record."""
        if channel["name"].startswith(("Snoop/", "Recorder/", "Announcer/")):
            return False
        return channel["accountcode"] == self.settings.app or self._in_app(channel)

    def _in_app(self, channel: Mapping[str, Any]) -> bool:
        plan = channel["dialplan"]
        return (
            plan.get("app_name") == "Stasis" and plan.get("app_data", "").split(",")[0] == self.settings.app
        )

    def _is_answered(self, channel: Mapping[str, Any]) -> bool:
        # A line on which the dialplan listens for an answering machine is not ours yet.
        return bool(channel["state"] == "Up" and self._in_app(channel))

    def _how_it_came(self, channel: Mapping[str, Any]) -> LineArrived | None:
        args = channel["dialplan"].get("app_data", "").split(",")
        if not self._in_app(channel) or args[1:2] != ["arrived"]:
            return None
        return self._arrived(channel, ",".join(args[2:]), words.moment(channel["creationtime"]))

    def _tell_prompts(self, line: str, state: _Line) -> None:
        """Those that ended while nobody listened."""
        for prompt in list(state.prompts):
            if not self._has("playbacks", prompt.id):
                self._lanes.put(line, partial(self._playback_over, line, prompt.id, True, datetime.now(UTC)))

    def _tell_recordings(self) -> None:
        mine = self._name("")
        for stored in self._ari.ask("GET", "recordings", "stored"):
            name = stored["name"]
            if name.startswith(mine) and not self._has("recordings", "live", name):
                recording = name.removeprefix(mine)
                try:
                    with wave.open(BytesIO(self.fetch_recording(recording))) as sound:
                        seconds = round(sound.getnframes() / sound.getframerate())
                except (LookupError, wave.Error, EOFError):
                    continue
                self._put(recording, RecordingEnded(recording, datetime.now(UTC), seconds))

    def _has(self, *path: str) -> bool:
        try:
            self._ari.ask("GET", *path)
        except Refused:
            return False
        return True

    # -- events

    def _sort(self, event: Event) -> None:
        """Put an event into the lane of its line."""
        handle: Callable[[Event], None] | None = getattr(self, f"_on_{event['type']}", None)
        if handle is None:
            return
        if "channel" in event and event["type"] != "ChannelLeftBridge":
            lane = event["channel"]["id"]
        elif "playback" in event:
            lane = event["playback"]["target_uri"].partition(":")[2]
        else:
            lane = event["type"]
        self._lanes.put(lane, partial(self._guard, handle, event))

    def _guard(self, handle: Callable[[Event], None], event: Event) -> None:
        try:
            handle(event)
        except ExchangeDown:
            logger.warning("asterisk.lost_while_handling", extra={"event": event["type"]})
        except Exception:
            logger.exception("asterisk.event_failed", extra={"event": event["type"]})

    def _put(self, lane: str, told: Told) -> None:
        self._lanes.put(lane, partial(self._tell, told))

    def _tell(self, told: Told) -> None:
        """Hand over until it is stored; what cannot be stored for minutes is given up with its words in the log."""
        assert self._desk is not None
        pause = 0.1
        for _ in range(_TELL_TRIES):
            try:
                self._desk.tell(told)
                return
            except Exception:
                logger.exception("asterisk.not_stored", extra={"told": type(told).__name__})
                if self._closing.wait(pause):
                    return
                pause *= 3
        logger.error("asterisk.given_up", extra={"told": str(told)})

    def _arrived(self, channel: Mapping[str, Any], to: str, at: datetime) -> LineArrived:
        region = self.settings.region
        number = words.caller(channel["caller"]["number"], region)
        return LineArrived(channel["id"], number, words.caller(to, region), at)

    def _on_StasisStart(self, event: Event) -> None:
        channel, args = event["channel"], event["args"]
        line = channel["id"]
        match args[:1]:
            case ["arrived"]:
                self._lines.setdefault(line, _Line())
                self._tell(self._arrived(channel, args[1], words.moment(event["timestamp"])))
            case ["answered"]:
                self._lines.setdefault(line, _Line()).answered = True
                self._tell(LineAnswered(line, words.moment(event["timestamp"]), words.who(args)))
            case ["snoop"]:
                room = f"listen~{args[1]}"
                self._ask("POST", "bridges", room, type="mixing", name=f"{self.settings.app}-listen")
                listener = self._lines.get(args[1])
                # Entering anew means leaving first, and a room without anybody of ours is put away at once.
                if listener is None or listener.room != room:
                    self._enter(room, args[1])
                self._enter(room, line)

    def _on_ChannelStateChange(self, event: Event) -> None:
        channel = event["channel"]
        known = self._lines.get(channel["id"])
        if known is None:
            return
        if channel["state"] == "Ringing":
            self._tell(LineRinging(channel["id"], words.moment(event["timestamp"])))
        elif channel["state"] == "Up" and self._in_app(channel):
            known.answered = True

    def _on_ChannelDtmfReceived(self, event: Event) -> None:
        if event["channel"]["id"] in self._lines:
            self._tell(KeyPressed(event["channel"]["id"], event["digit"], words.moment(event["timestamp"])))

    def _on_ChannelDestroyed(self, event: Event) -> None:
        line = event["channel"]["id"]
        if known := self._lines.get(line):
            ended = words.ending(event, answered=known.answered)
            if known.ending and not known.answered:
                ended = known.ending
            elif (
                ended in (Ending.UNREACHABLE, Ending.FAILED)
                and 0 < known.rings_until <= time.monotonic() + _CLOSE
            ):
                ended = Ending.NO_ANSWER  # Asterisk itself stopped ringing, and gives no other code
            self._ended_line(
                line, LineEnded(line, words.moment(event["timestamp"]), ended, words.cause(event))
            )

    def _ended_line(self, line: str, told: LineEnded) -> None:
        self._lines.pop(line, None)
        if _first(self._ended, line):
            self._tell(told)

    def _on_PlaybackFinished(self, event: Event) -> None:
        playback = event["playback"]
        line = playback["target_uri"].partition(":")[2]
        self._playback_over(
            line, playback["id"], playback["state"] == "done", words.moment(event["timestamp"])
        )

    def _playback_over(self, line: str, playback: str, done: bool, at: datetime) -> None:
        name, _, _ = playback.rpartition("~")
        known = self._lines.get(line)
        prompt = next((p for p in known.prompts if p.id == playback), None) if known else None
        if known is None or prompt is None:
            if known and name:
                self._tell(PromptEnded(line, name, at, done))
            return
        if prompt.again and done and not prompt.stopped:
            prompt.id = self._playback_id(prompt.prompt)
            self._play(line, known, prompt)
            return
        known.prompts.remove(prompt)
        self._tell(PromptEnded(line, name, at, done and not prompt.stopped))

    def _on_RecordingFinished(self, event: Event) -> None:
        recording = event["recording"]
        mine = self._name("")
        if recording["name"].startswith(mine):
            name = recording["name"].removeprefix(mine)
            if not _first(self._recorded, name):  # told for the bridge and for everything
                return
            self._tell(
                RecordingEnded(name, words.moment(event["timestamp"]), int(recording.get("duration") or 0))
            )

    _on_RecordingFailed = _on_RecordingFinished

    def _on_ChannelLeftBridge(self, event: Event) -> None:
        bridge = event["bridge"]
        if self._is_room(bridge):
            known = self._lines.get(event["channel"]["id"])
            if known and known.room == bridge["id"]:
                known.room = ""
            self._put_away(bridge["id"])

    def _is_room(self, bridge: Mapping[str, Any]) -> bool:
        return bridge["name"] in (self.settings.app, f"{self.settings.app}-listen")

    def _put_away(self, room: str) -> None:
        """End a room that nobody of ours is in, with what listens in it."""
        try:
            left = self._ari.ask("GET", "bridges", room)["channels"]
        except Refused:
            return
        if any(line in self._lines for line in left):
            return
        for other in left:
            if other.startswith("snoop~"):
                self._ask("DELETE", "channels", other)
        self._ask("DELETE", "bridges", room)


def _first(seen: dict[str, None], key: str) -> bool:
    """Whether `key` is new; the latest ones are kept."""
    if key in seen:
        return False
    seen[key] = None
    while len(seen) > _KEPT:
        seen.pop(next(iter(seen)))
    return True


def from_environment(
    sounds: SoundStore | None = None, environment: Mapping[str, str] = os.environ
) -> AsteriskExchange:
    """The exchange that `settings.read_settings` describes; sounds are spoken by `integrations.speech`."""
    return AsteriskExchange(read_settings(environment), sounds or speech.from_environment(environment))

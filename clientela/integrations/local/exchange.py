"""An exchange without sound: everybody's telephones are rows of a file beside the database.

The worker starts it; pages use the same file to be the client's telephone (`call`, `pick_up`, `put_down`, `dial`).
It goes on through a restart of either, as a real exchange would. What is played is kept as text.

The end of a number that is rung chooses its fate, see `FATES`.
"""

import io
import json
import logging
import sqlite3
import threading
import time
import uuid
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from clientela.modules.calls.handsets import Handset
from clientela.modules.calls.ports import (
    Desk,
    Ending,
    ExchangeDown,
    KeyPressed,
    LineAnswered,
    LineArrived,
    LineEnded,
    LineRinging,
    LiveLine,
    PromptEnded,
    RecordingEnded,
    Ring,
    Told,
)
from clientela.modules.calls.queries import words_of

log = logging.getLogger(__name__)

FATES: Mapping[str, tuple[Ending, str]] = {
    "0486": (Ending.BUSY, "SIP 486"),
    "0603": (Ending.REJECTED, "SIP 603"),
    "0480": (Ending.UNREACHABLE, "SIP 480"),
    "0404": (Ending.WRONG_NUMBER, "SIP 404"),
    "0503": (Ending.CONGESTION, "SIP 503"),
}
_CAUSES = {Ending.NO_ANSWER: "SIP 480", Ending.BUSY: "SIP 486", Ending.REJECTED: "SIP 603"}
_LOOK_SECONDS = 0.05
_CHARACTERS_A_SECOND = 14.0
_TABLES = """
CREATE TABLE IF NOT EXISTS line (
    line TEXT PRIMARY KEY, number TEXT, caller TEXT, name TEXT, arrived INTEGER, up INTEGER DEFAULT 0,
    room TEXT DEFAULT '', music INTEGER DEFAULT 0, began REAL, up_at REAL, rings_until REAL,
    prompt TEXT DEFAULT '', prompt_until REAL);
CREATE TABLE IF NOT EXISTS said (id INTEGER PRIMARY KEY, line TEXT, at REAL, text TEXT, own INTEGER);
CREATE TABLE IF NOT EXISTS told (id INTEGER PRIMARY KEY, kind TEXT, facts TEXT);
CREATE TABLE IF NOT EXISTS recording (name TEXT PRIMARY KEY, room TEXT, began REAL, ended REAL);
"""
_KINDS: dict[str, Callable[..., Told]] = {
    kind.__name__: kind
    for kind in (LineArrived, LineRinging, LineAnswered, LineEnded, KeyPressed, PromptEnded, RecordingEnded)
}


class LocalExchange:
    """`Exchange` of one file. Any number of processes may use it, one may be its desk."""

    def __init__(
        self, path: Path, words: Callable[[str], str] = words_of, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.down = False
        self._path, self._words, self._clock = path, words, clock
        self._desk: Desk | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_TABLES)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        if self.down:
            raise ExchangeDown("switched off")
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    # What the desk asks.

    def start(self, desk: Desk) -> None:
        self._desk = desk
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="local-exchange", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(5)
        self._thread = None

    def ring(self, ring: Ring) -> None:
        now = self._clock()
        with self._write() as db:
            fresh = db.execute(
                "INSERT OR IGNORE INTO line (line, number, caller, name, arrived, began, rings_until)"
                " VALUES (?, ?, ?, ?, 0, ?, ?)",
                (ring.line, ring.to, ring.caller_id, ring.caller_name, now, now + ring.seconds),
            ).rowcount
            if not fresh:
                return
            fate = next((fate for end, fate in FATES.items() if ring.to.endswith(end)), None)
            if fate is not None and ring.to.startswith("+"):
                self._end(db, ring.line, *fate)
            else:
                self._tell(db, LineRinging(ring.line, _moment(now)))

    def answer(self, line: str) -> None:
        self.pick_up(line)

    def hang_up(self, line: str, ending: Ending = Ending.NORMAL) -> None:
        with self._write() as db:
            self._end(db, line, ending, _CAUSES.get(ending, ""))

    def play(self, line: str, prompt: str, sounds: Sequence[str], *, again: bool = False) -> None:
        now = self._clock()
        texts = []
        for sound in sounds:
            try:
                texts.append(self._words(sound))
            except LookupError:
                continue
        text = " ".join(texts)
        with self._write() as db:
            if not self._row(db, line):
                return
            self._stop_prompt(db, line)
            until = None if again else now + len(text) / _CHARACTERS_A_SECOND
            db.execute(
                "UPDATE line SET prompt = ?, prompt_until = ?, music = 0 WHERE line = ?",
                (prompt, until, line),
            )
            db.execute("INSERT INTO said (line, at, text, own) VALUES (?, ?, ?, 0)", (line, now, text))

    def silence(self, line: str) -> None:
        with self._write() as db:
            self._stop_prompt(db, line)
            db.execute("UPDATE line SET music = 0 WHERE line = ?", (line,))

    def join(self, room: str, lines: Sequence[str]) -> None:
        with self._write() as db:
            for line in lines:
                self._stop_prompt(db, line)
                db.execute("UPDATE line SET room = ?, music = 0 WHERE line = ?", (room, line))

    def part(self, line: str, *, music: bool) -> None:
        with self._write() as db:
            db.execute("UPDATE line SET room = '', music = ? WHERE line = ?", (music, line))

    def press(self, line: str, keys: str) -> None:
        with self._write() as db:
            if self._row(db, line):
                db.execute(
                    "INSERT INTO said (line, at, text, own) VALUES (?, ?, ?, 0)", (line, self._clock(), keys)
                )

    def listen(self, listener: str, line: str, *, whisper: bool) -> None:
        with self._write() as db:
            room = f"{'whisper' if whisper else 'listen'}:{line}"
            db.execute("UPDATE line SET room = ?, music = 0 WHERE line = ?", (room, listener))

    def record(self, room: str, recording: str) -> None:
        with self._write() as db:
            db.execute(
                "INSERT OR IGNORE INTO recording (name, room, began) VALUES (?, ?, ?)",
                (recording, room, self._clock()),
            )

    def stop_recording(self, recording: str) -> None:
        with self._write() as db:
            self._stop_recordings(db, "name", recording)

    def fetch_recording(self, recording: str) -> bytes:
        with self._write() as db:
            row = db.execute("SELECT * FROM recording WHERE name = ? AND ended > 0", (recording,)).fetchone()
        if row is None:
            raise LookupError(recording)
        return silent_wav(int(row["ended"] - row["began"]))

    def forget_recording(self, recording: str) -> None:
        with self._write() as db:
            db.execute("DELETE FROM recording WHERE name = ?", (recording,))

    # What people do with their telephones.

    def call(self, from_: str, to: str) -> str:
        """Somebody dials a number of ours; returns the line."""
        line, now = f"local-{uuid.uuid4()}", self._clock()
        with self._write() as db:
            db.execute(
                "INSERT INTO line (line, number, caller, name, arrived, began) VALUES (?, ?, ?, '', 1, ?)",
                (line, from_, to, now),
            )
            self._tell(db, LineArrived(line, from_, to, _moment(now)))
        return line

    def pick_up(self, line: str) -> None:
        """Lift the handset of a telephone that rings; for a line that arrived: the exchange takes it."""
        now = self._clock()
        with self._write() as db:
            row = self._row(db, line)
            if row is None or row["up"]:
                return
            db.execute("UPDATE line SET up = 1, up_at = ?, rings_until = NULL WHERE line = ?", (now, line))
            if not row["arrived"]:
                self._tell(db, LineAnswered(line, _moment(now)))

    def put_down(self, line: str) -> None:
        """Hang up; a telephone that rings is declined."""
        with self._write() as db:
            row = self._row(db, line)
            if row is not None:
                declined = not row["up"] and not row["arrived"]
                ending = Ending.REJECTED if declined else Ending.NORMAL
                self._end(db, line, ending, _CAUSES.get(ending, ""))

    def dial(self, line: str, key: str) -> None:
        """Press a key while talking."""
        now = self._clock()
        with self._write() as db:
            if self._row(db, line):
                db.execute("INSERT INTO said (line, at, text, own) VALUES (?, ?, ?, 1)", (line, now, key))
                self._tell(db, KeyPressed(line, key, _moment(now)))

    def handsets(self, number: str) -> list[Handset]:
        """What the telephone with this number shows now, the oldest line first."""
        with closing(self._connect()) as db:
            rows = db.execute("SELECT * FROM line WHERE number = ? ORDER BY began", (number,)).fetchall()
            return [self._handset(db, row) for row in rows]

    def hears(self, line: str) -> set[str]:
        """Lines in the same room."""
        with closing(self._connect()) as db:
            row = self._row(db, line)
            if row is None or not row["room"]:
                return set()
            found = db.execute(
                "SELECT line FROM line WHERE room = ? AND line <> ? AND up = 1", (row["room"], line)
            )
            return {one["line"] for one in found}

    def _handset(self, db: sqlite3.Connection, row: sqlite3.Row) -> Handset:
        said = db.execute("SELECT own, text FROM said WHERE line = ? ORDER BY id", (row["line"],))
        others = db.execute(
            "SELECT count(*) FROM line WHERE room = ? AND room <> '' AND line <> ?",
            (row["room"], row["line"]),
        )
        return Handset(
            row["line"], row["number"], row["caller"], bool(row["arrived"]), bool(row["up"]), bool(row["music"]),
            others.fetchone()[0] > 0, _moment(row["up_at"] or row["began"]),
            [(bool(one["own"]), one["text"]) for one in said],
        )  # fmt: skip

    # How it runs.

    def _row(self, db: sqlite3.Connection, line: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = db.execute("SELECT * FROM line WHERE line = ?", (line,)).fetchone()
        return row

    def _tell(self, db: sqlite3.Connection, event: Told) -> None:
        facts = {
            name: getattr(event, name).timestamp() if name == "at" else str(getattr(event, name))
            for name in event.__slots__
        }
        db.execute("INSERT INTO told (kind, facts) VALUES (?, ?)", (type(event).__name__, json.dumps(facts)))

    def _end(self, db: sqlite3.Connection, line: str, ending: Ending, cause: str) -> None:
        row = self._row(db, line)
        if row is None:
            return
        db.execute("DELETE FROM line WHERE line = ?", (line,))
        db.execute("DELETE FROM said WHERE line = ?", (line,))
        left = db.execute("SELECT count(*) FROM line WHERE room = ?", (row["room"],)).fetchone()[0]
        if row["room"] and not left:
            self._stop_recordings(db, "room", row["room"])
        self._tell(db, LineEnded(line, _moment(self._clock()), ending, cause))

    def _stop_prompt(self, db: sqlite3.Connection, line: str, *, whole: bool = False) -> None:
        row = self._row(db, line)
        if row is None or not row["prompt"]:
            return
        db.execute("UPDATE line SET prompt = '', prompt_until = NULL WHERE line = ?", (line,))
        self._tell(db, PromptEnded(line, row["prompt"], _moment(self._clock()), whole))

    def _stop_recordings(self, db: sqlite3.Connection, key: str, value: str) -> None:
        now = self._clock()
        rows = db.execute(
            f"SELECT name, began FROM recording WHERE {key} = ? AND ended IS NULL",
            (value,),
        ).fetchall()
        for row in rows:
            db.execute("UPDATE recording SET ended = ? WHERE name = ?", (now, row["name"]))
            self._tell(db, RecordingEnded(row["name"], _moment(now), int(now - row["began"])))

    def _run(self) -> None:
        assert self._desk is not None
        greeted = False
        while not self._stopping.is_set():
            try:
                if self.down:
                    greeted = False
                elif not greeted:
                    self._desk.connected(self._greet())
                    greeted = True
                else:
                    self.pass_time()
                    self.deliver(self._desk)
            except Exception:
                log.exception("exchange.failed")
                self._stopping.wait(1)
            self._stopping.wait(_LOOK_SECONDS)

    def _greet(self) -> list[LiveLine]:
        """What was told while nobody listened is lost."""
        with self._write() as db:
            db.execute("DELETE FROM told")
            rows = db.execute("SELECT line, room, up FROM line").fetchall()
        return [LiveLine(row["line"], row["room"], bool(row["up"])) for row in rows]

    def pass_time(self) -> None:
        """End what has rung or been said long enough."""
        now = self._clock()
        over = "(rings_until < :now OR prompt_until < :now)"
        with closing(self._connect()) as db:
            if db.execute(f"SELECT 1 FROM line WHERE {over}", {"now": now}).fetchone() is None:
                return
        with self._write() as db:
            for row in db.execute("SELECT line FROM line WHERE prompt_until < ?", (now,)).fetchall():
                self._stop_prompt(db, row["line"], whole=True)
            for row in db.execute("SELECT line FROM line WHERE rings_until < ?", (now,)).fetchall():
                self._end(db, row["line"], Ending.NO_ANSWER, _CAUSES[Ending.NO_ANSWER])

    def deliver(self, desk: Desk) -> int:
        """Tell what waits to be told; returns how much. The thread of `start` does it twenty times a second."""
        with closing(self._connect()) as db:
            rows = db.execute("SELECT * FROM told ORDER BY id LIMIT 100").fetchall()
            for row in rows:
                desk.tell(_event(row["kind"], json.loads(row["facts"])))
                db.execute("DELETE FROM told WHERE id = ?", (row["id"],))
        return len(rows)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _event(kind: str, facts: dict[str, Any]) -> Told:
    facts["at"] = _moment(facts["at"])
    if "ending" in facts:
        facts["ending"] = Ending(facts["ending"])
    if "whole" in facts:
        facts["whole"] = facts["whole"] == "True"
    if "seconds" in facts:
        facts["seconds"] = int(facts["seconds"])
    return _KINDS[kind](**facts)


def silent_wav(seconds: int) -> bytes:
    """Nothing, for that long: 8 kHz, 16 bit, one channel."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000 * max(1, seconds)))
    return file.getvalue()


def from_environment() -> LocalExchange:
    """The exchange of this installation."""
    return LocalExchange(settings.LOCAL_EXCHANGE)

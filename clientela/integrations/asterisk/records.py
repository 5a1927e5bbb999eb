"""What Asterisk itself wrote down about channels: the file of `conf/cel_custom.conf`, a row an event."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clientela.integrations.asterisk.words import caller
from clientela.modules.calls.ports import ExchangeDown, ExchangeRecord


@dataclass(frozen=True, slots=True)
class _Event:
    kind: str
    seconds: float
    line: str
    channel: str
    account: str
    context: str
    extension: str
    number: str


def read(path: str, *, app: str, region: str, since: datetime) -> Sequence[ExchangeRecord]:
    """Lines of ours that ended at ``since`` or later. Raises `ExchangeDown`."""
    lines: dict[str, list[_Event]] = {}
    try:
        with Path(path).open(encoding="utf-8", errors="replace", newline="") as file:
            for event in _events(file):
                lines.setdefault(event.line, []).append(event)
    except FileNotFoundError:  # nobody has called yet
        return []
    except OSError as error:
        raise ExchangeDown(f"{path}: {error}") from error
    found = [_record(line, events, app, region) for line, events in lines.items()]
    recent = [record for record in found if record is not None and record.ended_at >= since]
    return sorted(recent, key=lambda record: (record.ended_at, record.line))


def _events(rows: Iterator[str]) -> Iterator[_Event]:
    for row in csv.reader(rows):
        with suppress(ValueError, TypeError):  # a row that a fall cut short
            yield _Event(row[0], float(row[1]), *row[2:])


def _record(line: str, events: list[_Event], app: str, region: str) -> ExchangeRecord | None:
    """None where it is not over, or not ours."""
    moments = {event.kind: datetime.fromtimestamp(event.seconds, UTC) for event in reversed(events)}
    if "CHAN_END" not in moments or events[0].channel.startswith(("Snoop/", "Recorder/", "Announcer/")):
        return None
    inbound = (f"{app}-inbound", f"{app}-away")
    dialled = next(
        (e.extension for e in events if e.context in inbound and e.extension.strip("+").isdecimal()), ""
    )
    if not dialled and all(event.account != app for event in events):
        return None
    return ExchangeRecord(
        line=line,
        from_=caller(next((event.number for event in events if event.number), ""), region) if dialled else "",
        to=caller(dialled, region),
        arrived=bool(dialled),
        began_at=moments.get("CHAN_START", moments["CHAN_END"]),
        answered_at=moments.get("ANSWER"),
        ended_at=moments["CHAN_END"],
    )

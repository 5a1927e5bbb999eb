"""How long a merge and its undoing take where 500 rows hang on the card that goes, on a migrated base with a branch.

    CLIENTELA_DATABASE_URL=… python -m benchmarks.merging [--rows 500] [--times 20]

Rows are notes, messages, calls, answers, addresses and alternative values in equal parts. Everything is rolled back.
"""

import argparse
import statistics
import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from benchmarks import base  # noqa: F401  sets Django up
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import Address, Client, FieldValue, Note, ProfileAnswer
from clientela.modules.clients.operations import create_client, merge_clients, separate_clients
from clientela.modules.contacts.models import Message
from clientela.modules.organisation.models import Branch


def card(phone: str, rows: int, now: Any) -> Client:
    made = create_client(
        actor=None, now=now, branch=Branch.objects.order_by("pk").first(), contacts=[("phone", phone)],
        details={"last_name": "Замерова", "first_name": "Вера"},
    )  # fmt: skip
    each = range(rows // 6 + 1)
    common = {"client": made}
    kinds: list[list[Any]] = [
        [Note(**common, text=f"{n}", created_at=now) for n in each],
        [Message(**common, direction="out", channel="sms", address=phone, text="x", state="sent", not_before=now, created_at=now) for n in each],
        [Call(**common, direction="in", number=phone, state="ended", started_at=now) for n in each],
        [ProfileAnswer(**common, key=f"k{n}", label="x", kind="text", value="x", answered_at=now) for n in each],
        [Address(**common, street=f"{n}") for n in each],
        [FieldValue(**common, field="sex", value={"sex": "f"}, value_key=f"{n}", state="other", source="import", first_seen=now, last_seen=now) for n in each],
    ]  # fmt: skip
    left = rows
    for some in kinds:
        taken = some[:left]
        if taken:
            type(taken[0])._base_manager.bulk_create(taken)
        left -= len(taken)
    return made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    took: dict[str, list[float]] = {"merge": [], "un-merge": []}
    for _time in range(asked.times):
        with transaction.atomic():
            now = timezone.now()
            kept, gone = card("+79990000001", 0, now), card("+79990000002", asked.rows, now)
            began = time.perf_counter()
            merge = merge_clients(actor=None, now=now, kept=kept, gone=gone)
            between = time.perf_counter()
            separate_clients(actor=None, now=now, merge=merge)
            took["merge"].append(between - began)
            took["un-merge"].append(time.perf_counter() - between)
            transaction.set_rollback(True)
    for name, times in took.items():
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"{name}: p95 {p95 * 1000:.0f} ms, median {statistics.median(times) * 1000:.0f} ms, {asked.rows} rows"
        )


if __name__ == "__main__":
    main()

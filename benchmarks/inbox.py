"""The inbox with a million conversations: statements a page, server p50 and p95 over HTTP, on PostgreSQL or SQLite.

``CLIENTELA_DATABASE_URL=postgres://… python -m benchmarks.inbox --conversations 1000000`` fills an empty base of its own by
statements over all rows. An agent, a branch head and a renewals manager ask for each box, each filter and conversations, one
at a time and then at a rate. The reference of the ratios is an empty page of the same server in the same run.
Goal: p95 at most 100 ms. ``--explain`` prints the plans of statements over 20 ms instead.
"""

import argparse
import random
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks import base
from benchmarks.pages import CALM, measure, people, serve, session_of, statements
from clientela.modules.accounts.models import User
from clientela.modules.contacts.models import Conversation
from clientela.modules.organisation.models import Agent, Placement

COLLEAGUES, THREADS, SAID = 200, 2000, 40
SLOW = 0.02


def fill(conversations: int) -> None:
    """A conversation of every client: a fifth open, of these two fifths nobody's; forty messages in the newest."""
    call_command("migrate", verbosity=0)
    have = Conversation.objects.count()
    if have == conversations:
        return
    if have:
        raise SystemExit(f"the base holds {have} conversations; give an empty one by CLIENTELA_DATABASE_URL")
    seconds = base.fill(conversations, date(2026, 11, 18), only_people=True)
    print(f"{conversations:,} clients in {seconds:.0f} s", flush=True)
    branch = Agent.objects.order_by("id").values_list("branch_id", flat=True)[0]
    users = User.objects.bulk_create(
        User(
            email=f"o{n}@bench.example",
            first_name="О",
            last_name=f"Панин{n}",
            role="branch_head",
            password="!",
        )
        for n in range(COLLEAGUES)
    )
    Placement.objects.bulk_create(Placement(user=user, branch_id=branch) for user in users)
    chosen = people()
    mine = chosen["agent"].pk
    pg, now = connection.vendor == "postgresql", timezone.now().isoformat(sep=" ")
    stamp = f"'{now}'::timestamptz" if pg else f"'{now[:26]}'"
    # The multiplier mixes the clients, so that an agent's conversations lie apart from each other.
    place = f"(CAST(c.id AS bigint) * 7919 % {conversations})"
    ago = "({} * interval '30 seconds')" if pg else "datetime({1}, '-' || ({0} * 30) || ' seconds')"
    at = f"{stamp} - {ago.format(place)}" if pg else ago.format(place, stamp)
    is_open = f"{place} / 7 % 5 = 0"  # whatever the agent
    channel = f"""CASE WHEN {place} % 10000 = 0 THEN 'webchat' WHEN {place} % 10 < 4 THEN 'email' WHEN {place} % 10 < 6
      THEN 'sms' WHEN {place} % 10 < 9 THEN 'telegram' ELSE 'vk' END"""
    holder = (
        f"CASE WHEN c.agent_id % {base.AGENTS} = 1 THEN {mine} ELSE {users[0].pk} + c.id % {COLLEAGUES} END"
    )
    waits = f"{is_open} AND {place} / 175 % 3 = 0"
    _run(
        f"""
        INSERT INTO contacts_conversation (client_id, agent_id, branch_id, centre_id, channel, address, name, state,
          assignee_id, reasons, last_at, last_text, last_is_ours, last_in_at, waiting_since, answer_by, created_at)
        SELECT c.id, c.agent_id, c.branch_id, c.centre_id, {channel}, 'c' || c.id, '',
          CASE WHEN {is_open} THEN 'open' ELSE 'done' END,
          CASE WHEN {place} / 35 % 5 < 3 OR NOT ({is_open}) THEN {holder} END, '[]', {at}, 'Когда кончается полис?',
          {"false" if pg else 0}, {at}, CASE WHEN {waits} THEN {at} END, CASE WHEN {waits} THEN {at} END, {at}
        FROM clients_client c
        """
    )
    _run(
        f"""
        INSERT INTO contacts_message (direction, channel, client_id, address, sender, purpose, subject, text, html,
          quoted, state, origin, token, verdict, not_before, attempts, fault, detail, parts, created_at, claimed_by)
        SELECT CASE WHEN n.i % 2 = 0 THEN 'in' ELSE 'out' END, t.channel, t.client_id, t.address, '', 'service', '',
          'Сообщение ' || n.i || '. Когда кончается полис и сколько стоит следующий?', '', '',
          CASE WHEN n.i % 2 = 0 THEN 'received' ELSE 'delivered' END, '', '', '{{}}', t.last_at, 0, '', '', 1,
          {"t.last_at - n.i * interval '1 hour'" if pg else "datetime(t.last_at, '-' || n.i || ' hours')"}, ''
        FROM (SELECT * FROM contacts_conversation WHERE state = 'open' ORDER BY last_at DESC LIMIT {THREADS}) t,
          {base._series(SAID)}
        """
    )
    _run("VACUUM ANALYZE" if pg else "PRAGMA optimize=0x10002")


def _run(sql: str) -> None:
    began = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(sql)
    print(f"  {sql.split('(')[0].strip()} in {(timezone.now() - began).total_seconds():.0f} s", flush=True)


def addresses(user: User) -> dict[str, list[str]]:
    dice = random.Random(7)
    seen = list(
        Conversation.objects.readable_by(user)
        .filter(state="open")
        .order_by("-last_at")
        .values_list("pk", flat=True)[:500]
    )
    names = [f"%D0%B8%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2{dice.randrange(977):03}" for _ in range(50)]
    return {
        "mine": ["/inbox/?box=mine"],
        "team": ["/inbox/?box=team"],
        "nobody's": ["/inbox/?box=free"],
        "done": ["/inbox/?box=done"],
        "nearest deadline": ["/inbox/?box=team&order=due"],
        "waiting": ["/inbox/?box=free&waiting=1"],
        "a rare channel": ["/inbox/?box=team&channel=webchat"],
        "complaints": ["/inbox/?box=done&complaint=1"],
        "a surname": [f"/inbox/?box=done&name={name}" for name in names],
        "list again": ["/inbox/list/?box=team"],
        "a conversation": [
            f"/inbox/{pk}/?box=team" for pk in (dice.sample(seen, min(100, len(seen))) or [0])
        ],
    }


def explain(user: User, path: str) -> None:
    """The plans of what is slow on a page."""
    browser = Browser(headers={"host": "127.0.0.1"})
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        browser.get(path)
    for query in seen.captured_queries:
        if float(query["time"]) > SLOW and query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query['sql']}")
                print(f"--- {path}: {query['time']} s\n{query['sql'][:1500]}")
                print("\n".join(str(row[0]) for row in cursor.fetchall()[:30]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--port", type=int, default=8901)
    parser.add_argument("--explain", action="store_true")
    options = parser.parse_args()
    fill(options.conversations)
    call_command("collectstatic", interactive=False, verbosity=0)
    manager, _ = User.objects.get_or_create(
        email="bench.manager@prichal.example",
        defaults={"first_name": "Д", "last_name": "Е", "role": "renewals_manager"},
    )
    asking: dict[str, User] = people() | {"manager": manager}
    if options.explain:
        for user in asking.values():
            for paths in addresses(user).values():
                explain(user, paths[0])
        return
    server = serve(options.port)
    try:
        run(options, asking)
    finally:
        server.terminate()
        server.wait(10)


def run(options: Any, asking: dict[str, User]) -> None:
    empty = measure(options, ["/health/live"], "", options.rate)
    print(
        f"{connection.vendor}, {options.conversations:,} conversations; empty page p50 {empty[0]:.1f} p95 {empty[1]:.1f} ms"
    )
    for role, user in asking.items():
        key = session_of(user)
        for name, paths in addresses(user).items():
            count = statements(user, paths[0])
            half, most, bad = measure(options, paths, key, CALM)
            busy, worst, failed = measure(options, paths, key, options.rate)
            print(
                f"{role:8} {name:17} {count:2} statements  at {CALM} rps p50 {half:6.1f} p95 {most:6.1f}  at {options.rate} "
                f"p50 {busy:6.1f} p95 {worst:6.1f} ms  {half / empty[0]:5.1f}× empty, {bad + failed} failed",
                flush=True,
            )


if __name__ == "__main__":
    main()

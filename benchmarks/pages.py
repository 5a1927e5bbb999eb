"""Pages over HTTP: server p50/p95 at a given rate, statements a page, on a base of any size.

``CLIENTELA_DATABASE_URL=… python -m benchmarks.pages --clients 1000000 --rate 200 --seconds 10``

Two granian workers serve the product as in production; an agent and a branch head ask for the client card, the client
list, the renewals board, and the search by phone tail, surname, policy number and plate. The reference of each ratio is an
empty page of the same server in the same run (the liveness page: no session, no statement).
"""

import argparse
import asyncio
import os
import random
import socket
import subprocess
import sys
import time
from datetime import date
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks import base
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import InsuredObject
from clientela.modules.organisation.models import Agent, Placement
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.terms import open_terms

TODAY = date(2026, 11, 18)
# Requests a second that no machine finds many: what one person feels.
CALM = 10


def people() -> dict[str, User]:
    """An agent and a branch head of the synthetic company."""
    agent = Agent.objects.order_by("id").first()
    assert agent is not None
    seller, _ = User.objects.get_or_create(
        email="bench.agent@prichal.example", defaults={"first_name": "А", "last_name": "Б", "role": "agent"}
    )
    Agent.objects.filter(pk=agent.pk).update(user=seller)
    head, _ = User.objects.get_or_create(
        email="bench.head@prichal.example",
        defaults={"first_name": "В", "last_name": "Г", "role": "branch_head"},
    )
    Placement.objects.get_or_create(user=head, defaults={"branch": agent.branch})
    return {"agent": seller, "head": head}


def session_of(user: User) -> str:
    """A signed-in session's key."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def pages(user: User, count: int = 200) -> dict[str, list[str]]:
    """Addresses by page; cards and search keys are of clients this person sees."""
    dice = random.Random(7)
    seen = list(Client.objects.visible_to(user).values_list("id", flat=True)[:5000])
    chosen = [dice.choice(seen) for _ in range(count)]
    plates = InsuredObject.objects.filter(client_id__in=chosen).values_list("plate", flat=True)
    return {
        "card": [f"/clients/{pk}/" for pk in chosen],
        "client list": ["/clients/"],
        "board": ["/renewals/"],
        "search phone tail": [f"/search/palette/?q={pk % 10_000_000:07}" for pk in chosen],
        "search surname": [
            f"/search/palette/?q=%D0%B8%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2{pk % 977:03}" for pk in chosen
        ],
        "search policy": [f"/search/palette/?q=P{pk}-0" for pk in chosen],
        "search plate": [f"/search/palette/?{urlencode({'q': plate})}" for plate in plates],
    }


def statements(user: User, path: str) -> int:
    """SQL statements of one warm request."""
    browser = Browser(headers={"host": "127.0.0.1"})
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    browser.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        browser.get(path)
    return len(seen)


async def load(port: int, paths: list[str], key: str, rate: int, seconds: float) -> tuple[list[float], int]:
    """Ask at a steady rate over kept connections; times in ms and the count of answers that were not 200."""
    import httpx

    times: list[float] = []
    bad = 0
    source = cycle(paths)
    cookies = {settings.SESSION_COOKIE_NAME: key}
    limits = httpx.Limits(max_connections=16, max_keepalive_connections=16)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", cookies=cookies, limits=limits, timeout=30
    ) as web:

        async def ask(path: str) -> None:
            nonlocal bad
            began = time.perf_counter()
            answer = await web.get(path)
            times.append((time.perf_counter() - began) * 1000)
            bad += answer.status_code != 200

        tasks = []
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(ask(next(source))))
        await asyncio.gather(*tasks)
    return times, bad


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def serve(port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2"]
    command += ["--blocking-threads", "1", "--log-level", "error", "clientela.config.wsgi:application"]
    return started(command, port)


def started(command: list[str], port: int) -> "subprocess.Popen[bytes]":
    """A server that listens already; a busy machine gets a minute for it."""
    process = subprocess.Popen(command, env=os.environ.copy())
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return process
        except OSError:
            time.sleep(0.1)
    process.terminate()
    raise SystemExit("the server did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--port", type=int, default=8900)
    options = parser.parse_args()
    base.ready(options.clients, TODAY)
    call_command("collectstatic", interactive=False, verbosity=0)
    open_terms(day=TODAY, now=timezone.now())
    plan_day(day=TODAY, now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    server = serve(options.port)
    try:
        empty = measure(options, ["/health/live"], "", options.rate)
        print(
            f"{connection.vendor}, {options.clients:,} clients, {options.rate} rps; empty page p50 {empty[0]:.1f} p95 {empty[1]:.1f} ms"
        )
        for role, user in people().items():
            key = session_of(user)
            for name, paths in pages(user).items():
                count = statements(user, paths[0])
                alone, alone_most, _ = measure(options, paths, key, CALM)
                half, most, bad = measure(options, paths, key, options.rate)
                failed = f", {bad} failed" if bad else ""
                print(
                    f"{role:6} {name:18} {count:2} statements  at {CALM} rps p50 {alone:5.1f} p95 {alone_most:5.1f}  "
                    f"at {options.rate} p50 {half:7.1f} p95 {most:7.1f} ms  {alone / empty[0]:5.1f}× empty{failed}",
                    flush=True,
                )
    finally:
        server.terminate()
        server.wait(10)


def measure(options: Any, paths: list[str], key: str, rate: int) -> tuple[float, float, int]:
    asyncio.run(load(options.port, paths, key, 20, 1.5))
    times, bad = asyncio.run(load(options.port, paths, key, rate, options.seconds))
    return quantile(times, 0.5), quantile(times, 0.95), bad


if __name__ == "__main__":
    main()

"""OSAGO quotes a second through the API with full explanation and verdict, beside the bare engine in the same run.

``CLIENTELA_DATABASE_URL=… python -m benchmarks.quotes_speed --seconds 5``

Two granian workers serve the product as in production; programs with tokens of their own ask for premiums of cars that
differ in territory, power and drivers: lists of a hundred (a fleet, a night of renewals) and one by one (a screen). The
reference is the bare rules engine in as many processes: the tables of the same cars as one decision graph, evaluated as
the engine's own manual says, nothing else done. Also told: the same tables as programs of the engine's language, the way
this product asks them, and the whole of ``price`` without HTTP.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import zen
from django.core.management import call_command
from django.utils import timezone

from benchmarks.pages import serve
from clientela.foundation.api.operations import issue_token
from clientela.modules.accounts.models import User
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.modules.rating.queries import plan_of, price
from clientela.modules.rating.rules.engine import Node, condition, plain
from clientela.modules.rating.rules.tables import Kind

ON = date(2026, 12, 1)
PROCESSES = 2
TERRITORIES = ("moscow", "kazan", "novosibirsk", "ufa", "perm", "omsk", "chita")


def cars(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Facts of ``count`` cars, one to three drivers each."""
    lot = random.Random(seed)
    return [
        {
            "category": "B", "territory": lot.choice(TERRITORIES), "power": lot.randint(60, 300),
            "drivers": [
                {"age": lot.randint(35, 60), "experience": lot.randint(0, 17), "kbm": str(lot.randint(0, 13))}
                for _ in range(lot.choice((1, 1, 1, 2, 3)))
            ],
        }
        for _ in range(count)
    ]  # fmt: skip


def graph(nodes: Iterable[Node]) -> str:
    """The tables of one calculation as a decision graph of the engine."""
    place = {"position": {"x": 0, "y": 0}}
    tables = []
    for node in nodes:
        inputs = node.body.inputs
        rules = [
            {"_id": str(n), "answer": f'"{cell.row} {cell.column}"'}
            | {f"in_{key}": unary(conditions[key], kind) for key, kind in inputs.items()}
            for n, (cell, conditions) in enumerate(node.body.rules())
        ]
        content = {
            "hitPolicy": "first", "outputPath": node.name, "rules": rules,
            "inputs": [
                {"id": f"in_{key}", "name": key, "field": f"{kind[0]}_{node.facts.get(key, key)}"}
                for key, kind in inputs.items()
            ],
            "outputs": [{"id": "answer", "name": "answer", "field": "answer"}],
        } | ({"executionMode": "loop", "inputField": node.each} if node.each else {})  # fmt: skip
        tables.append(
            {"id": node.name, "name": node.name, "type": "decisionTableNode", "content": content} | place
        )
    ends = [{"id": name, "name": name, "type": f"{name}Node"} | place for name in ("input", "output")]
    pairs = [pair for table in tables for pair in (("input", table["id"]), (table["id"], "output"))]
    edges = [{"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in pairs]
    return json.dumps({"nodes": [*ends, *tables], "edges": edges})


def unary(text: str, kind: Kind) -> str:
    """A cell as the engine's decision tables take it."""
    return (
        condition("$", text, kind)
        .replace("$ == ", "")
        .replace("$ != null and ", "")
        .replace(" or ", ", ")
        .strip("()")
    )


def context(nodes: Iterable[Node], facts: dict[str, Any]) -> dict[str, Any]:
    """The facts as the engine's decision tables take them."""
    told: dict[str, Any] = {}
    for node in nodes:
        fields = [(node.facts.get(key, key), kind) for key, kind in node.body.inputs.items()]
        if not node.each:
            told |= {f"{kind[0]}_{fact}": plain(facts.get(fact), kind) for fact, kind in fields}
            continue
        items = told.setdefault(node.each, [{} for _ in facts[node.each]])
        for row, item in zip(items, facts[node.each], strict=True):
            row.update(
                {f"{kind[0]}_{fact}": plain(item.get(fact, facts.get(fact)), kind) for fact, kind in fields}
            )
    return told


def alone(way: str, seconds: float) -> int:
    """How many cars one process does without HTTP: by ``graph``, ``program`` or the whole ``price``."""
    plan = plan_of("osago", ON)
    ready: list[Callable[[], Any]] = []
    graphs: dict[int, Any] = {}
    for car in cars(200):
        known = plan.formula.complete(car, ON)
        decision = plan.route(known).decision
        if way == "graph":
            if id(decision) not in graphs:
                graphs[id(decision)] = zen.ZenEngine().create_decision(graph(decision.nodes))
            ready.append(partial(graphs[id(decision)].evaluate, context(decision.nodes, known)))
        elif way == "program":
            ready.append(partial(decision.ask, known))
        else:
            ready.append(partial(price, "osago", car, on=ON))
    done, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        for run in ready:
            run()
        done += len(ready)
    return done


def everywhere(way: str, seconds: float) -> float:
    """Cars a second of as many processes as serve the API."""
    command = [sys.executable, "-m", "benchmarks.quotes_speed", "--seconds", str(seconds), "--alone", way]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    return sum(int(process.communicate()[0].split()[-1]) for process in running) / seconds


async def through_api(
    url: str, tokens: list[str], path: str, size: int, seconds: float
) -> tuple[float, list[float]]:
    """Premiums a second and the milliseconds of every request."""
    lot = cars(400, seed=2)
    done, took = 0, list[float]()

    async def ask(client: httpx.AsyncClient) -> None:
        nonlocal done
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            items = [{"product": "osago", "facts": car, "on": str(ON)} for car in random.sample(lot, size)]
            headers = {"Authorization": f"Bearer {random.choice(tokens)}", "Idempotency-Key": str(uuid4())}
            start = time.perf_counter()
            answer = await client.post(
                f"{url}/api/v1/{path}", json={"items": items} if size > 1 else items[0], headers=headers
            )
            answer.raise_for_status()
            took.append((time.perf_counter() - start) * 1000)
            done += size

    async with httpx.AsyncClient(timeout=60) as client:
        start = time.perf_counter()
        await asyncio.gather(*(ask(client) for _ in range(2 * PROCESSES)))
        return done / (time.perf_counter() - start), sorted(took)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(alone(options.alone, options.seconds))
        return
    call_command("migrate", verbosity=0)
    load_shipped(now=timezone.now())
    user, _ = User.objects.get_or_create(email="bench.agent@prichal.example", defaults={"role": "agent"})
    tokens = [
        issue_token(actor=user, now=timezone.now(), name=f"bench {n}", scopes=["products.read"])[1]
        for n in range(100)
    ]
    server = serve(options.port)
    try:
        url = f"http://127.0.0.1:{options.port}"
        asyncio.run(through_api(url, tokens, "premium-lists", 100, 1))
        ways = {way: everywhere(way, options.seconds) for way in ("graph", "program", "price")}
        figures = {}
        for name, path, size in (("lists of 100", "premium-lists", 100), ("one by one", "premiums", 1)):
            rate, took = asyncio.run(through_api(url, tokens, path, size, options.seconds))
            figures[name] = {
                "quotes_per_second": round(rate), "ratio_to_bare_engine": round(rate / ways["graph"], 2),
                "request_p50_ms": round(took[len(took) // 2], 1),
                "request_p95_ms": round(took[int(len(took) * 0.95)], 1),
            }  # fmt: skip
        print(
            json.dumps(
                {"alone_per_second": {way: round(rate) for way, rate in ways.items()}, **figures}, indent=2
            )
        )
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()

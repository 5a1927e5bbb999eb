"""Importing a file: rows a second of the whole way, against parsing and copying it into one bare table.

    CLIENTELA_DATABASE_URL=postgres://… python -m benchmarks.import_rows [--rows 100000] [--clients 100000]

Into a base of ``--clients``: of five rows three renew a policy of a client we know (found by phone and name), two are
the policies of a new one. Every row makes a term, linked to the one before, and a vehicle. Read, guessed, merged and
counted by the real pipeline; then the same file again. Goal: at least 50,000 rows a second on PostgreSQL.
"""

import argparse
import csv
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from django.core.files import File
from django.db import connection, transaction
from django.utils import timezone

from benchmarks import base  # sets Django up
from clientela.foundation.imports import operations
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.jobs.operations import run_next
from clientela.modules.clients.models import Address, Client, ContactPoint, SourceLink
from clientela.modules.clients.operations import refresh_completeness
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.contracts.operations import refresh_portfolio_facts
from clientela.modules.organisation.models import Branch

TODAY = date(2026, 11, 18)
HEADINGS = [
    "ФИО", "Дата рождения", "Телефон", "E-mail", "Город", "Марка и модель", "Год выпуска", "VIN", "Номер полиса",
    "Вид страхования", "Дата начала", "Дата окончания", "Премия", "Код агента",
]  # fmt: skip
LETTERS = "абвгдежзик"


def write_file(path: Path, rows: int) -> None:
    """The file of ``rows`` policies."""
    phones = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE).order_by("client_id")
    known = phones.values_list("client_id", "client__name_key", "value").iterator()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        for n in range(rows):
            if n % 5 < 3:
                client, name, phone = next(known)
                number, email = f"P{client}X0", ""
                start = TODAY + timedelta(days=client * 7 % 365 + 1)
            else:
                person = n // 5
                name = "Тест" + "".join(LETTERS[int(digit)] for digit in f"{person:07}") + " Анна Петровна"
                number, phone, email = f"N{n}", f"+7901{person:07}", f"n{person}@mail.example"
                start = TODAY - timedelta(days=n % 300)
            writer.writerow([
                name, "01.01.1980", phone, email, "Москва", "Hyundai Creta", 2015 + n % 10, f"XWEH2812BJ{n:07}", number,
                "ОСАГО", f"{start:%d.%m.%Y}", f"{start + timedelta(days=364):%d.%m.%Y}", f"{5000 + n % 9000},50",
                f"a{n % base.AGENTS}",
            ])  # fmt: skip


def bare(path: Path) -> float:
    """Seconds to parse the file and write it to one table without keys."""
    began = time.perf_counter()
    texts = pl.read_csv(path, separator=";", infer_schema=False)
    dates = [pl.col(name).str.to_date("%d.%m.%Y") for name in HEADINGS if name.startswith("Дата")]
    rows = texts.with_columns(*dates, pl.col("Премия").str.replace(",", ".").cast(pl.Decimal(12, 2)))
    kinds = [
        "date" if kind == pl.Date else "numeric(12,2)" if name == "Премия" else "text"
        for name, kind in rows.schema.items()
    ]
    table = ", ".join(f"c{index} {kind}" for index, kind in enumerate(kinds))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare_rows ({table})")
        if connection.vendor == "postgresql":
            with cursor.copy("COPY bare_rows FROM STDIN (FORMAT csv)") as copy:  # type: ignore[attr-defined]
                copy.write(rows.write_csv(include_header=False).encode())
        else:
            places = ", ".join(["%s"] * len(kinds))
            cursor.executemany(f"INSERT INTO bare_rows VALUES ({places})", rows.cast(pl.String).rows())
    spent = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bare_rows")
    return spent


def bring_in(path: Path) -> tuple[ImportRun, dict[str, float]]:
    """Import the file by the guessed columns; seconds of reading and of merging."""
    began = time.perf_counter()
    with path.open("rb") as source:
        run = operations.start_run(
            actor=None, now=timezone.now(), target="portfolio", file=File(source), file_name=path.name
        )
    read = time.perf_counter() - began
    answers = {"branch": Branch.objects.order_by("id").values_list("code", flat=True)[0]}
    operations.set_definition(
        actor=None,
        now=timezone.now(),
        run=run,
        definition=run.mapping["definition"],
        answers=answers,
        source="bench",
    )
    job = operations.request_run(actor=None, now=timezone.now(), run=run)
    assert run_next(worker="bench", now=timezone.now(), lease=timedelta(minutes=5), only=job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    run.refresh_from_db()
    spent = time.perf_counter() - began
    return run, {"read": read, "merge": spent - read, "all": spent}


def tell(name: str, run: ImportRun, spent: dict[str, float]) -> None:
    rows = run.rows or 0
    counts = {key: number for key, number in run.counts.items() if isinstance(number, int) and number}
    print(
        f"{name}: {spent['all']:.2f} s ({spent['read']:.2f} read, {spent['merge']:.2f} merged), "
        f"{rows / spent['all']:,.0f} rows/s; "
        + ", ".join(f"{key} {number:,}" for key, number in counts.items())
    )


WRITTEN: list[Any] = [Client, ContactPoint, Address, SourceLink, InsuredObject, Policy]


def last_ids() -> dict[str, int]:
    """The newest row of every table."""
    newest = (
        (model, model.objects.order_by("-id").values_list("id", flat=True).first()) for model in WRITTEN
    )
    return {model._meta.db_table: pk or 0 for model, pk in newest}


def written_again(before: dict[str, int]) -> tuple[int, float]:
    """Rows newer than ``before``, and the seconds PostgreSQL takes to put them into tables with the same keys."""
    count, spent = 0, 0.0
    with transaction.atomic(), connection.cursor() as cursor:
        for table, newest in before.items():
            cursor.execute(f"CREATE TABLE again (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"INSERT INTO again SELECT * FROM {table} WHERE id <= {newest}")
            began = time.perf_counter()
            cursor.execute(f"INSERT INTO again SELECT * FROM {table} WHERE id > {newest}")
            spent += time.perf_counter() - began
            count += cursor.rowcount
            cursor.execute("DROP TABLE again")
    return count, spent


def in_base() -> dict[str, int]:
    """How much there is."""
    return {model._meta.model_name: model.objects.count() for model in WRITTEN}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument(
        "--clients", type=int, help="clients in the base before; as many as rows if not given"
    )
    options = parser.parse_args()
    clients = options.clients or options.rows
    if options.rows * 3 // 5 > clients:
        raise SystemExit("three of five rows are of clients that are there: more of those are needed")
    base.ready(clients, TODAY)
    refresh_portfolio_facts(now=timezone.now())
    refresh_completeness()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "portfolio.csv"
        write_file(path, options.rows)
        reference = sorted(bare(path) for _ in range(3))[1]
        newest = last_ids()
        run, spent = bring_in(path)
        tell(f"{connection.vendor}, {clients:,} clients, import of {options.rows:,} rows", run, spent)
        if connection.vendor == "postgresql":
            count, seconds = written_again(newest)
            print(
                f"the database alone puts these {count:,} rows into their keys in {seconds:.2f} s; "
                f"ratio of time {spent['all'] / seconds:.1f}"
            )
        linked = Policy.objects.filter(import_run=run, previous__isnull=False).count()
        print(f"linked to the term before: {linked:,}")
        before = in_base()
        again, spent_again = bring_in(path)
        tell("the same file again", again, spent_again)
        print(f"inserted by the repetition: {sum(in_base().values()) - sum(before.values())}")
        print(
            f"parse and copy into a bare table: {reference:.2f} s, {options.rows / reference:,.0f} rows/s; "
            f"ratio of time {spent['all'] / reference:.1f}"
        )


if __name__ == "__main__":
    main()

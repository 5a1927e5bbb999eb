"""A synthetic base of any size for the benchmarks, made by the database itself, the same on both databases.

``python -m benchmarks.base --clients 1000000`` fills an empty, migrated base: 1.25 policies a client, ends spread
evenly over a year, one phone and one vehicle a client, three of four an e-mail, consents, 5,000 agents in 40 branches.
"""

import argparse
import logging
import os
import sys
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")

import django

django.setup()
logging.getLogger("httpx").setLevel("WARNING")  # a line for each request would be measured too

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from clientela.modules.contracts.models import Policy  # noqa: E402
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre  # noqa: E402
from clientela.modules.products.models import Bank, Product  # noqa: E402
from clientela.modules.renewals.operations.shipped import load_shipped  # noqa: E402

BRANCHES, CENTRES, AGENTS = 40, 8, 5000
ZONES = ["Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok"]
PRODUCTS = [("osago", "osago", "ОСАГО"), ("kasko", "kasko", "КАСКО"), ("305", "property", "Имущество")]
PRODUCTS += [("354", "property", "Имущество"), ("mortgage", "mortgage", "Ипотека")]


def fill(clients: int, today: date, *, only_people: bool = False) -> float:
    """Fill the empty base and return the seconds it took. ``only_people``: nobody has a contact, a vehicle or a policy."""
    began = time.perf_counter()
    now = timezone.now()
    with transaction.atomic():
        branches = [
            Branch.objects.create(
                code=f"b{i}",
                name=f"Филиал {i}",
                region_code="RU-MOW",
                city="Москва",
                time_zone=ZONES[i % len(ZONES)],
            )
            for i in range(BRANCHES)
        ]
        centres = [
            RenewalCentre.objects.create(
                code=f"c{i}", name=f"Центр {i}", phone=f"+7495000{i:04}", time_zone="Europe/Moscow"
            )
            for i in range(CENTRES)
        ]
        Agent.objects.bulk_create(
            Agent(
                code=f"a{i}", last_name=f"Агентов{i}", first_name="Анна", phone=f"+7916000{i:04}",
                branch=branches[i % BRANCHES], centre=centres[i % BRANCHES % CENTRES] if i % 5 < 3 else None,
            )
            for i in range(AGENTS)
        )  # fmt: skip
        for code, line, name in PRODUCTS:
            Product.objects.create(code=code, line=line, name=name, message_name=name)
        Bank.objects.bulk_create([Bank(code="sber", name="Сбер"), Bank(code="vtb", name="ВТБ")])
        load_shipped(now=now, active_from=today - timedelta(days=400))
        _people(clients, now.isoformat(sep=" "))
        if not only_people:
            _contacts(now.isoformat(sep=" "))
            _vehicles()
            _policies(clients, now.isoformat(sep=" "), today)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    else:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize=0x10002")
    return time.perf_counter() - began


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _bool(value: str) -> str:
    return (
        f"CASE WHEN {value} THEN true ELSE false END" if connection.vendor == "postgresql" else f"({value})"
    )


def _series(count: int) -> str:
    if connection.vendor == "postgresql":
        return f"(SELECT generate_series(0, {count - 1}) AS i) n"
    return f"(WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {count - 1}) SELECT i FROM s) n"


def _stamp(now: str) -> str:
    return f"'{now}'::timestamptz" if connection.vendor == "postgresql" else f"'{now[:26]}'"


def _date(expression: str) -> str:
    return f"({expression})::date" if connection.vendor == "postgresql" else f"date({expression})"


def _plus_days(day: date, days: str) -> str:
    if connection.vendor == "postgresql":
        return f"(date '{day}' + ({days})::int)"
    return f"date('{day}', ({days}) || ' days')"


def _people(clients: int, now: str) -> None:
    no, stamp = _bool("1=0"), _stamp(now)
    zones = " ".join(f"WHEN {i} THEN '{zone}'" for i, zone in enumerate(ZONES))
    first_agent = Agent.objects.order_by("id").values_list("id", flat=True)[0]
    padded = (
        "lpad((i % 977)::text, 3, '0')"
        if connection.vendor == "postgresql"
        else "printf('%%03d', i %% 977)".replace("%%", "%")
    )
    surname = f"'иванов' || {padded}"
    agent = f"(SELECT 1) * (i % {AGENTS}) + {first_agent}"
    _run(
        f"""
        INSERT INTO clients_client (kind, last_name, first_name, middle_name, company_name, name_key, birth_date, sex,
          language, inn, kpp, ogrn, snils, bank_bic, bank_account, agent_id, branch_id, centre_id, region_code, city,
          time_zone, preferred_channel, do_not_contact, do_not_contact_reason, loyalty, temperature, profitability,
          is_internal, is_key, is_cross, policies_in_force, premium_in_force, completeness, created_at, updated_at,
          version)
        SELECT 'person', 'Иванов', 'Иван', 'Иванович', '', {surname} || ' иван иванович', {_date("'1980-01-01'")}, 'm',
          'ru', '', '', '', '', '', '', a.id, a.branch_id, a.centre_id, 'RU-MOW', 'Москва',
          CASE i % {len(ZONES)} {zones} END, '', {_bool("i % 200 = 0")}, '', 'regular', '', '',
          {no}, {no}, {no}, 1, 9000, 80, {stamp}, {stamp}, 1
        FROM {_series(clients)} JOIN organisation_agent a ON a.id = {agent}
        """
    )


def _contacts(now: str) -> None:
    no, stamp = _bool("1=0"), _stamp(now)
    _run(
        f"""
        INSERT INTO clients_contactpoint (client_id, kind, value, tail, label, is_primary, do_not_use, bad_reason,
          time_zone, source, created_at)
        SELECT id, 'phone', '+7900' || substr('0000000' || (id % 10000000), -7), substr('0000000' || (id % 10000000), -7),
          '', {_bool("1=1")}, {no}, '', '', '', {stamp}
        FROM clients_client
        """.replace("substr('0000000' || (id % 10000000), -7)", _tail())
    )
    _run(
        f"""
        INSERT INTO clients_contactpoint (client_id, kind, value, tail, label, is_primary, do_not_use, bad_reason,
          time_zone, source, created_at)
        SELECT id, 'email', 'c' || id || '@mail.example', '', '', {_bool("1=1")}, {no}, '', '', '', {stamp}
        FROM clients_client WHERE id % 4 <> 0
        """
    )
    for channel, share in (("sms", 10), ("email", 8), ("call", 6)):
        _run(
            f"""
            INSERT INTO contacts_consent (client_id, purpose, channel, granted_at, text_version, source, withdrawn_via)
            SELECT id, 'service', '{channel}', {stamp}, '', '', '' FROM clients_client WHERE id % {share} <> 0
            """
        )


def _tail() -> str:
    if connection.vendor == "postgresql":
        return "lpad((id % 10000000)::text, 7, '0')"
    return "printf('%%07d', id %% 10000000)".replace("%%", "%")


PLATE_LETTERS = "АВЕКМНОРСТУХ"


def _vehicles() -> None:
    """A vehicle for every client; a million plates are all different."""
    pad = "lpad(({})::text, {}, '0')" if connection.vendor == "postgresql" else "printf('%0{1}d', {0})"
    plate = (
        f"substr('{PLATE_LETTERS}', CAST(id / 90000 % 12 + 1 AS integer), 1) || {pad.format('id % 1000', 3)} || 'АА' || "
        f"{pad.format('id / 1000 % 90 + 10', 2)}"
    )
    _run(
        f"""
        INSERT INTO contracts_insuredobject (client_id, kind, title, plate, vin, body_number, make, model, year, address,
          details, source)
        SELECT id, 'vehicle', 'Hyundai Creta, 2021', {plate}, 'XWEH2812BJ' || {pad.format("id", 7)}, '',
          'Hyundai', 'Creta', 2021, '', '{{}}', '' FROM clients_client
        """
    )


def _policies(clients: int, now: str, today: date) -> None:
    stamp, products = _stamp(now), dict(Product.objects.values_list("code", "id"))
    kinds = " ".join(
        f"WHEN {i} THEN {products[code]}"
        for i, code in enumerate(["osago", "osago", "osago", "kasko", "305", "354", "mortgage", "osago"])
    )
    sber = Bank.objects.get(code="sber").pk
    end = _plus_days(today, "(c.id * 7 + n.k * 131) % 365")
    start = _plus_days(today, "(c.id * 7 + n.k * 131) % 365 - 364")
    _run(
        f"""
        INSERT INTO contracts_policy (number, number_key, product_id, client_id, insured_object_id, agent_id, branch_id, centre_id,
          bank_id, renewal_year, status, start_date, end_date, cancel_reason, premium, instalments, sales_channel, loss_count,
          loss_paid, created_at, updated_at)
        SELECT 'P' || c.id || '-' || n.k, 'P' || c.id || 'X' || n.k,
          CASE (c.id + n.k) % 8 {kinds} END, c.id,
          CASE WHEN (c.id + n.k) % 8 IN (0, 1, 2, 3, 7) THEN o.id END, c.agent_id, c.branch_id, c.centre_id,
          CASE WHEN (c.id + n.k) % 8 = 6 AND c.id % 2 = 0 THEN {sber} END,
          c.id % 4, 'issued', {start}, {end}, '', 9000, 1, 'agent', 0, 0, {stamp}, {stamp}
        FROM clients_client c JOIN contracts_insuredobject o ON o.client_id = c.id
          JOIN (SELECT 0 AS k UNION ALL SELECT 1) n ON n.k = 0 OR c.id % 4 = 0
        """
    )


def server_cpu() -> float:
    """Processor seconds spent so far by the database server for this connection; 0 where it cannot be seen."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:  # the server is on another machine
        return 0.0


def ready(clients: int, today: date) -> None:
    """Migrate, and fill unless the base has that many clients already."""
    call_command("migrate", verbosity=0)
    from clientela.modules.clients.models import Client

    have = Client.objects.count()
    if have == clients:
        return
    if have:
        raise SystemExit(f"the base holds {have} clients; give an empty one by CLIENTELA_DATABASE_URL")
    seconds = fill(clients, today)
    print(
        f"base: {clients:,} clients, {Policy.objects.count():,} policies on {connection.vendor} in {seconds:.1f} s"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=10_000)
    ready(parser.parse_args().clients, date(2026, 11, 18))

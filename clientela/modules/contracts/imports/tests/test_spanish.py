"""A real portfolio goes the same way as any file: 105,555 yearly terms of 53,502 clients, by a shipped mapping."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone

from clientela.foundation.imports import operations
from clientela.foundation.imports.models import Change, ImportRun, Mapping
from clientela.modules.clients.models import Client, ContactPoint, SourceLink
from clientela.modules.contracts.imports.tests.helpers import base, data_file, outcomes
from clientela.modules.contracts.models import InsuredObject, Participant, Policy

FILE = data_file("spanish_motor.csv.gz")
pytestmark = [
    pytest.mark.data,
    pytest.mark.django_db,
    pytest.mark.skipif(FILE is None, reason="the folder of real data is not here (CLIENTELA_DATA)"),
]


def run_command(*options: str) -> str:
    import io

    out = io.StringIO()
    call_command("import_file", *options, stdout=out)
    return out.getvalue()


def test_the_whole_way(kazan, osago):
    """Dry run, import, repeat, undo."""
    way = [str(FILE), "--mapping", "spanish_motor", "--branch", "kazan"]
    said = run_command(*way, "--dry-run")
    assert "created: 105555" in said
    assert "clients_created: 53502" in said
    assert (Client.objects.count(), Policy.objects.count()) == (0, 0)

    said = run_command(*way)
    assert "created: 105555" in said
    run = ImportRun.objects.get(state="done")
    assert {name: number for name, number in run.counts.items() if number} == {
        "created": 105_555, "clients_created": 53_502, "objects_created": 53_502, "policies_created": 105_555,
    }  # fmt: skip
    assert Client.objects.count() == SourceLink.objects.count() == InsuredObject.objects.count() == 53_502
    assert Policy.objects.count() == Participant.objects.count() == 105_555
    assert ContactPoint.objects.count() == 0
    facts = Policy.objects.aggregate(
        first=Min("start_date"), last=Max("end_date"), premium=Sum("premium"), paid=Sum("loss_paid"), losses=Sum("loss_count"),
        cancelled=Count("id", filter=Q(status="cancelled")), linked=Count("previous"), oldest=Max("renewal_year"),
        brokers=Count("id", filter=Q(sales_channel="broker")), halves=Count("id", filter=Q(instalments=2)),
    )  # fmt: skip
    # SQLite adds decimals up as floats.
    facts |= {name: round(facts[name], 2) for name in ("premium", "paid")}
    assert facts == {
        "first": date(2015, 11, 2), "last": date(2019, 11, 29), "premium": Decimal("33344038.88"),
        "paid": Decimal("16208741.37"), "losses": 41_662, "cancelled": 17_929, "linked": 52_053, "oldest": 38,
        "brokers": 47_638, "halves": 33_691,
    }  # fmt: skip
    one = Policy.objects.select_related("client", "insured_object", "previous").get(
        number_key="ES1", renewal_year=3
    )
    assert (one.start_date, one.end_date, one.premium) == (
        date(2018, 11, 5),
        date(2019, 11, 4),
        Decimal("216.99"),
    )
    assert (one.client.name, one.client.birth_date, one.client.client_since) == (
        "Клиент 1", date(1956, 4, 15), date(2015, 11, 5),
    )  # fmt: skip
    assert (one.insured_object.title, one.insured_object.year, one.insured_object.power, one.insured_object.value) == (
        "Мотоцикл, 2004", 2004, Decimal("80.0"), Decimal("7068.00"),
    )  # fmt: skip
    assert one.insured_object.details == {
        "risk": "motorcycle", "area": "rural", "second_driver": False, "cylinder_capacity": 599, "doors": 0,
        "fuel": "petrol", "weight": 190,
    }  # fmt: skip
    assert (one.previous.start_date, one.previous.renewal_year) == (date(2017, 11, 5), 2)
    assert one.participants.get().experience_since == date(1976, 3, 20)
    lapsed = Policy.objects.get(number_key="ES9", start_date=date(2017, 10, 24))
    assert (lapsed.status, lapsed.cancelled_on) == ("cancelled", date(2017, 10, 24))
    assert Policy.objects.get(number_key="ES9", start_date=date(2016, 10, 24)).status == "issued"

    written = Client.objects.aggregate(at=Max("updated_at")), Policy.objects.aggregate(at=Max("updated_at"))
    said = run_command(*way)
    assert "same: 105555" in said
    assert Change.objects.count() == 0
    assert written == (
        Client.objects.aggregate(at=Max("updated_at")),
        Policy.objects.aggregate(at=Max("updated_at")),
    )
    assert (Client.objects.count(), Policy.objects.count()) == (53_502, 105_555)

    said = run_command("--undo", str(run.pk))
    assert "contracts.policy: 105555 removed, 0 kept" in said
    assert not any(base().values())
    assert SourceLink.objects.count() == 0


def test_the_wizard_finds_the_mapping_by_the_headings(kazan, osago):
    operations.ship_mappings()
    with FILE.open("rb") as source:
        from django.core.files import File

        run = operations.start_run(
            actor=None,
            now=timezone.now(),
            target="portfolio",
            file=File(source),
            file_name="portfolio.csv.gz",
        )
    mapping = Mapping.objects.get(code="spanish_motor")
    assert (run.mapping["code"], run.source, run.rows) == (mapping.code, "spanish-motor", 105_555)
    assert len(run.mapping["guesses"]) == 30
    assert outcomes(run.counts) == {}

"""The golden record over the API."""

from datetime import date

import pytest

from clientela.modules.clients import operations
from clientela.modules.clients.models import FieldValue
from clientela.modules.clients.tests.calling import Call

pytestmark = pytest.mark.django_db


def test_values(call: Call, anna, boris, now):
    card = operations.create_client(
        actor=anna,
        now=now,
        details={"last_name": "Смирнова", "first_name": "Лидия", "birth_date": date(1990, 2, 3)},
    )
    changed = {"birth_date": "1991-02-03"}
    assert call(anna, "patch", f"/clients/{card.pk}", changed)[0] == 200
    status, rows = call(anna, "get", f"/clients/{card.pk}/values")
    born = [
        (row["state"], row["source"], row["value"]["birth_date"])
        for row in rows
        if row["field"] == "birth_date"
    ]
    assert (status, born) == (200, [("current", "api", "1991-02-03"), ("other", "agent", "1990-02-03")])
    other = FieldValue.objects.get(client=card, state="other").pk
    assert call(boris, "post", f"/clients/values/{other}/choice")[0] == 404
    assert call(anna, "post", f"/clients/values/{other}/choice")[1]["state"] == "current"
    assert call(anna, "post", f"/clients/values/{other}/choice")[0] == 409
    assert call(anna, "put", f"/clients/values/{other}/wrong")[0] == 409
    status, row = call(anna, "post", f"/clients/{card.pk}/values/verification", {"field": "birth_date"})
    assert (status, bool(row["verified_at"])) == (200, True)
    assert call(anna, "post", f"/clients/{card.pk}/values/verification", {"field": "snils"})[0] == 409


def test_rules(call: Call, anna, administrator):
    assert call(administrator, "get", "/golden-rules")[1]["version"] == 0
    body = {"rules": {"sex": {"trust": {"import": 1}}}, "note": "x"}
    assert call(anna, "put", "/golden-rules", body)[0] == 403
    status, made = call(administrator, "put", "/golden-rules", body)
    assert (status, made["rules"]["sex"]["trust"]["import"], made["note"]) == (200, 1, "x")
    assert (
        call(administrator, "put", "/golden-rules", {"rules": {"sex": {"trust": {"import": 77}}}})[0] == 422
    )

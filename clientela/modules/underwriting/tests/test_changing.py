"""A change that the rules refer: asked by the seller, decided within authority, made without typing it again."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.clients.tests.calling import Call, call
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.events import PolicyAmended
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.operations import ChangedMeanwhile, duplicate_policy, issue_project
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.change_prices import Wanted
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.tests.conftest import calculation, family, tariffs
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.handlers import on_policy_amended
from clientela.modules.underwriting.models import Authority, ChangeReferral
from clientela.modules.underwriting.queries import change_shown, changes_queue, waiting_for
from clientela.modules.underwriting.tests.test_deciding import photo

__all__ = ["calculation", "call", "family", "tariffs"]
MINOR = {
    "role": "driver",
    "name": "Орлов Пётр Дмитриевич",
    "birth_date": "2010-01-02",
    "experience_since": "2027-02-01",
}
DAY = date(2027, 3, 1)


@pytest.fixture
def issued(calculation: Calculation, anna: User, now: datetime) -> Policy:
    project = quotes.to_project(actor=anna, now=now, calculation=calculation)
    return issue_project(actor=anna, now=now, project=project)


@pytest.fixture
def wanted(issued: Policy) -> Wanted:
    return Wanted(DAY, participants=[*issued.versions.get().participants, MINOR])


@pytest.fixture
def asked(issued: Policy, wanted: Wanted, anna: User, now: datetime) -> ChangeReferral:
    return operations.ask_change(
        actor=anna, now=now, policy=issued, wanted=wanted, reason="учится ездить", seen=1
    )


@pytest.fixture
def able(underwriter: User, now: datetime) -> User:
    Authority.objects.create(user=underwriter, most_loading=Decimal(50), changed_at=now)
    return underwriter


def test_asked_with_what_changes_and_what_it_costs(
    asked: ChangeReferral,
    issued: Policy,
    wanted: Wanted,
    anna: User,
    boris: User,
    underwriter: User,
    now: datetime,
) -> None:
    told = quotes.price_change(actor=anna, now=now, policy=issued, wanted=wanted)
    assert (asked.before, asked.premium, asked.difference) == (
        Decimal("8533.99"),
        told.premium,
        told.difference,
    )
    assert (asked.state, asked.seen, asked.reasons) == ("waiting", 1, ["Водителю нет 18 лет"])
    assert asked.changes == [{"what": "in", "before": None, "after": MINOR}]
    assert {one["code"] for one in asked.steps} == {"KBM", "KVS"}
    assert list(changes_queue(underwriter)) == [asked]
    assert (waiting_for(underwriter), waiting_for(anna), change_shown(issued)) == (1, 0, asked)
    assert Entry.objects.get(action="change_referral.asked").reason == "учится ездить"
    values = {"now": now, "policy": issued, "reason": "x"}
    with pytest.raises(operations.AlreadyAsked):
        operations.ask_change(actor=anna, wanted=wanted, **values)
    with pytest.raises(PermissionDenied):
        operations.ask_change(actor=boris, wanted=wanted, **values)
    with pytest.raises(operations.NothingToRefer):
        operations.ask_change(actor=anna, wanted=Wanted(DAY, answers={"unlimited": True}), **values)
    assert (ChangeReferral.objects.count(), PolicyVersion.objects.count()) == (1, 1)


def test_accepted_the_seller_makes_it_without_typing_it_again(
    asked: ChangeReferral, issued: Policy, anna: User, able: User, now: datetime
) -> None:
    with pytest.raises(operations.NotAccepted):
        operations.make_change(actor=anna, now=now, change=asked)
    accepted = operations.accept_change(
        actor=able, now=now, change=asked, loading=Decimal("1.2"), conditions="только с отцом"
    )
    assert PolicyVersion.objects.count() == 1
    version = operations.make_change(actor=anna, now=now, change=accepted)
    assert version.premium == accepted.price == (asked.premium * Decimal("1.2")).quantize(Decimal("0.01"))
    assert version.reason == "учится ездить. только с отцом"
    assert version.participants[-1]["name"] == MINOR["name"]
    line = version.terms["factors"][-1]
    assert (line["code"], line["value"], line["running"]) == ("UNDERWRITER", "1.2", str(version.premium))
    left = (version.premium - asked.before) * 280 / 365
    assert version.difference == left.quantize(Decimal("0.01"))
    asked.refresh_from_db()
    assert (asked.state, asked.version, change_shown(issued)) == ("made", version, None)
    assert Event.objects.filter(name="contracts.PolicyAmended").count() == 1
    on_policy_amended(PolicyAmended(issued.pk, issued.client_id, version.pk, version.kind), now=now)
    asked.refresh_from_db()
    assert asked.state == "made"
    with pytest.raises(operations.NotAccepted):
        operations.make_change(actor=anna, now=now, change=asked)
    done = ["change_referral.accepted", "change_referral.asked", "change_referral.made", "policy.endorsed"]
    found = Entry.objects.filter(action__in=done).order_by("action")
    assert list(found.values_list("action", flat=True)) == done


def test_a_day_that_passed_while_it_waited_is_today_and_costs_less(
    asked: ChangeReferral, able: User, anna: User, now: datetime
) -> None:
    accepted = operations.accept_change(actor=able, now=now, change=asked)
    late = now.replace(year=2027, month=4, day=1)
    version = operations.make_change(actor=anna, now=late, change=accepted)
    assert (version.valid_from, version.premium) == (date(2027, 4, 1), asked.premium)
    assert 0 < version.difference < asked.difference


def test_photos_are_asked_for_a_change_and_handed_over_once(
    asked: ChangeReferral, able: User, anna: User, call: Call, now: datetime
) -> None:
    with pytest.raises(PermissionDenied):
        operations.ask_change_inspection(actor=anna, now=now, change=asked)
    assert (
        call(able, "post", f"/change-referrals/{asked.pk}/inspection", {"views": ["front", "vin"]})[0] == 200
    )
    inspection = asked.inspections.get()
    message = Message.objects.get(origin="underwriting.inspection")
    assert (inspection.token in message.text, message.client) == (True, asked.policy.client)
    with pytest.raises(operations.NotAView):
        operations.finish(now=now, inspection=inspection)
    for view in inspection.views:
        operations.keep_shot(now=now, inspection=inspection, view=view, file=photo())
    done = [operations.finish(now=now, inspection=inspection).done_at for _time in range(2)]
    asked.refresh_from_db()
    assert (done, asked.state) == ([now, now], "waiting")
    assert Entry.objects.filter(action="inspection.done").count() == 1
    with pytest.raises(operations.InspectionOver):
        operations.keep_shot(now=now, inspection=inspection, view="vin", file=photo())


def test_what_is_decided_takes_no_photos(asked: ChangeReferral, able: User, now: datetime) -> None:
    inspection, _message = operations.ask_change_inspection(actor=able, now=now, change=asked, channel="")
    assert inspection.views == ["front", "back", "left", "right", "vin", "mileage"]
    operations.decline_change(actor=able, now=now, change=asked, reason="вне правил")
    inspection.refresh_from_db()
    with pytest.raises(operations.InspectionOver):
        operations.keep_shot(now=now, inspection=inspection, view="vin", file=photo())


def test_only_within_the_authority(
    asked: ChangeReferral, anna: User, underwriter: User, now: datetime
) -> None:
    acts: list[tuple[Any, dict[str, Any]]] = [
        (operations.accept_change, {}), (operations.decline_change, {"reason": "x"}), (operations.return_change, {"reason": "x"}),
    ]  # fmt: skip
    for verb, values in acts:
        with pytest.raises(PermissionDenied):
            verb(actor=anna, now=now, change=asked, **values)
        with pytest.raises(operations.BeyondAuthority):
            verb(actor=underwriter, now=now, change=asked, **values)
    row = Authority.objects.create(
        user=underwriter, most=Decimal(100), most_loading=Decimal(10), changed_at=now
    )
    ChangeReferral.objects.update(sum_insured=Decimal(500))
    with pytest.raises(operations.BeyondAuthority):
        operations.accept_change(actor=underwriter, now=now, change=asked)
    row.most = None
    row.save()
    with pytest.raises(operations.LoadingBeyondAuthority):
        operations.accept_change(actor=underwriter, now=now, change=asked, loading=Decimal("1.2"))
    with pytest.raises(operations.InvalidLoading):
        operations.accept_change(actor=underwriter, now=now, change=asked, loading=Decimal(11))
    with pytest.raises(operations.ReasonNeeded):
        operations.decline_change(actor=underwriter, now=now, change=asked, reason=" ")
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("waiting", None)


def test_declined_and_given_back(
    asked: ChangeReferral, issued: Policy, wanted: Wanted, anna: User, able: User, now: datetime
) -> None:
    operations.return_change(actor=able, now=now, change=asked, reason="когда получил права?")
    shown = change_shown(issued)
    assert shown is not None
    assert (shown.state, shown.conditions) == ("returned", "когда получил права?")
    again = operations.ask_change(actor=anna, now=now, policy=issued, wanted=wanted, reason="с 1 февраля")
    operations.decline_change(actor=able, now=now, change=again, reason="нет 18 лет")
    with pytest.raises(operations.AlreadyDecided):
        operations.accept_change(actor=able, now=now, change=again)
    with pytest.raises(operations.NotAccepted):
        operations.make_change(actor=anna, now=now, change=again)
    operations.withdraw_change(actor=anna, now=now, change=again)
    assert change_shown(issued) is None
    assert PolicyVersion.objects.count() == 1


def test_stale_when_the_policy_changed_meanwhile(
    asked: ChangeReferral, issued: Policy, anna: User, able: User, now: datetime
) -> None:
    operations.accept_change(actor=able, now=now, change=asked)
    version = duplicate_policy(actor=anna, now=now, policy=issued, reason="утерян")
    with pytest.raises(ChangedMeanwhile):
        operations.make_change(actor=anna, now=now, change=asked)
    on_policy_amended(PolicyAmended(issued.pk, issued.client_id, version.pk, version.kind), now=now)
    asked.refresh_from_db()
    assert asked.state == "stale"
    with pytest.raises(operations.NotAccepted):
        operations.make_change(actor=anna, now=now, change=asked)
    assert not PolicyVersion.objects.filter(kind="endorsement").exists()


def test_over_the_api(
    call: Call, anna: User, boris: User, auditor: User, able: User, issued: Policy, wanted: Wanted
) -> None:
    people = [
        {name: one.get(name) for name in ("role", "name", "client_id", "birth_date", "experience_since")}
        for one in wanted.participants or ()
    ]
    body = {"valid_from": "2027-03-01", "participants": people, "reason": "учится ездить", "seen": 1}
    base = f"/policies/{issued.pk}/change-referrals"
    assert call(anna, "post", f"/policies/{issued.pk}/endorsements", body)[0] in (409, 422)
    assert (call(boris, "post", base, body)[0], call(auditor, "post", base, body)[0]) == (404, 403)
    status, told = call(anna, "post", base, body)
    assert (status, told["state"], told["reasons"], told["may_decide"]) == (
        201, "waiting", ["Водителю нет 18 лет"], False,
    )  # fmt: skip
    assert call(anna, "post", base, body)[0] == 409
    one = f"/change-referrals/{told['id']}"
    assert call(boris, "get", one)[0] == 404
    assert call(able, "get", one)[1]["may_decide"] is True
    assert call(able, "get", "/change-referrals?state=waiting")[1]["items"][0]["id"] == told["id"]
    assert call(anna, "post", f"{one}/acceptance", {})[0] == 403
    assert call(anna, "post", f"{one}/endorsement")[0] == 409
    assert call(able, "post", f"{one}/acceptance", {"loading": "1.1"})[1]["state"] == "accepted"
    assert call(able, "post", f"{one}/refusal", {"reason": "x"})[0] == 409
    status, version = call(anna, "post", f"{one}/endorsement")
    assert (status, version["number"], Decimal(version["premium"])) == (
        201, 2, (Decimal(told["premium"]) * Decimal("1.1")).quantize(Decimal("0.01")),
    )  # fmt: skip

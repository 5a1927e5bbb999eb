"""A change of a running policy at another price than the tariff's: within one's authority; over the API."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.clients.tests.calling import Call, call
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.operations import issue_project
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.change_prices import Wanted
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.tests.conftest import calculation, family, tariffs
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.models import Authority

__all__ = ["calculation", "call", "family", "tariffs"]
WANTED = Wanted(date(2027, 3, 1), answers={"unlimited": True})


@pytest.fixture
def issued(calculation: Calculation, anna: User, now: datetime) -> Policy:
    project = quotes.to_project(actor=anna, now=now, calculation=calculation)
    return issue_project(actor=anna, now=now, project=project)


def test_within_the_authority(issued: Policy, underwriter: User, anna: User, now: datetime) -> None:
    """The tariff says 53 851.94; ten percent off may be given, eleven not."""
    values = {"now": now, "policy": issued, "wanted": WANTED, "reason": "постоянный клиент"}
    with pytest.raises(quotes.HandPriceForbidden):
        operations.endorse(actor=anna, **values, premium=Decimal(50000))
    with pytest.raises(operations.BeyondAuthority):
        operations.endorse(actor=underwriter, **values, premium=Decimal(50000))
    Authority.objects.create(
        user=underwriter, most_discount=Decimal(10), most_loading=Decimal(10), changed_at=now
    )
    with pytest.raises(operations.LoadingBeyondAuthority):
        operations.endorse(actor=underwriter, **values, premium=Decimal(47900))
    assert PolicyVersion.objects.count() == 1
    version = operations.endorse(actor=underwriter, **values, premium=Decimal(50000))
    assert (version.premium, version.terms["answers"]["unlimited"]) == (Decimal(50000), True)
    assert [(one["code"], one["value"], one["why"]) for one in version.terms["factors"]][-1] == (
        "HAND", "0.928472", "постоянный клиент",
    )  # fmt: skip
    assert Entry.objects.get(action="policy.endorsed").reason == "постоянный клиент"


def test_over_the_api(call: Call, anna: User, boris: User, auditor: User, issued: Policy) -> None:
    base = f"/policies/{issued.pk}"
    body = {"valid_from": "2027-03-01", "answers": {"unlimited": True}}
    status, told = call(anna, "post", f"{base}/endorsement-prices", body)
    assert (status, told["known"], told["premium"], told["difference"], told["left"]) == (
        200, True, "53851.94", "34764.45", 280,
    )  # fmt: skip
    assert [step["code"] for step in told["steps"] if step["before"] != step["after"]] == [
        "KBM",
        "KVS",
        "KO",
    ] or told
    ask = body | {"reason": "любые водители"}
    assert call(anna, "post", f"{base}/endorsements", ask | {"premium": "100"})[0] == 403
    assert call(anna, "post", f"{base}/endorsements", ask | {"shown": "100"})[1]["code"] == "price_moved"
    assert call(anna, "post", f"{base}/endorsements", ask | {"answers": {"colour": "red"}})[0] == 422
    assert call(boris, "post", f"{base}/endorsements", ask)[0] == 404
    assert call(boris, "post", f"{base}/endorsement-prices", body)[0] == 404
    assert call(auditor, "post", f"{base}/endorsements", ask)[0] == 403
    assert PolicyVersion.objects.count() == 1
    status, version = call(anna, "post", f"{base}/endorsements", ask | {"shown": "53851.94", "seen": 1})
    assert (status, version["number"], version["difference"], version["participants"]) == (
        201,
        2,
        "34764.45",
        [],
    )
    again = call(anna, "post", f"{base}/endorsements", ask | {"seen": 1, "answers": {"unlimited": False}})
    assert again[1]["code"] == "changed_meanwhile"


def test_an_underwriter_lets_a_risk_pass(
    issued: Policy, underwriter: User, anna: User, now: datetime
) -> None:
    """A driver of seventeen: the rules refer it; who decides makes the change at the price of the tariff."""
    young = {
        "role": "driver",
        "name": "Орлов Пётр",
        "birth_date": "2010-01-02",
        "experience_since": "2027-02-01",
    }
    people = [*issued.versions.get().participants, young]
    wanted = Wanted(date(2027, 3, 1), participants=people)
    values = {"now": now, "policy": issued, "wanted": wanted, "reason": "учится ездить"}
    for who, refusal in ((anna, quotes.ChangeNeedsUnderwriter), (underwriter, operations.BeyondAuthority)):
        with pytest.raises(refusal):
            operations.endorse(actor=who, **values)
    Authority.objects.create(user=underwriter, changed_at=now)
    told = quotes.price_change(actor=underwriter, now=now, policy=issued, wanted=wanted)
    version = operations.endorse(actor=underwriter, **values, shown=told.premium)
    assert (version.premium, version.participants[-1]["name"]) == (told.premium, "Орлов Пётр")

"""Funnels are changed safely; scripts are whole before they are used, and their answers are counted."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.sales.models import Deal, Funnel, Script, ScriptVersion, StageVisit, Talk
from clientela.modules.sales.operations import funnels as act
from clientela.modules.sales.operations import scripts as talk
from clientela.modules.sales.operations.automatic import happened
from clientela.modules.sales.operations.funnels import load_shipped
from clientela.modules.sales.queries.scripts import objection_helps, script_for, shares_of
from clientela.modules.sales.rules.scripts import BadScript

Make = Callable[..., Deal]


def test_shipped_come_once_and_what_people_made_stays(
    kasko_funnel: Funnel, renewals_manager: User, now: datetime
) -> None:
    act.save_funnel(actor=renewals_manager, now=now, funnel=kasko_funnel, values={"name": "Машины"})
    counts = [model.objects.count() for model in (Funnel, Script, ScriptVersion)]
    load_shipped(now=now)
    assert [model.objects.count() for model in (Funnel, Script, ScriptVersion)] == counts == [6, 5, 5]
    assert Funnel.objects.get(code="kasko").name == "Машины"


def test_a_stage_with_deals_goes_only_with_a_place_for_them(
    make_deal: Make, kasko_funnel: Funnel, vera: Client, anna: User, renewals_manager: User, now: datetime
) -> None:
    deal = make_deal(anna, vera)
    new, need = kasko_funnel.stages.order_by("position")[:2]
    with pytest.raises(PermissionDenied):
        act.remove_stage(actor=anna, now=now, stage=new, to=need)
    with pytest.raises(act.StageInUse):
        act.remove_stage(actor=renewals_manager, now=now, stage=new)
    assert kasko_funnel.stages.filter(is_active=True).count() == 5
    assert act.remove_stage(actor=renewals_manager, now=now, stage=new, to=need, version=1) == 1
    deal.refresh_from_db()
    assert (deal.stage, deal.version) == (need, 2)
    assert StageVisit.objects.filter(deal=deal).count() == 2
    with pytest.raises(act.FunnelChangedMeanwhile):
        act.shift_stage(actor=renewals_manager, now=now, stage=need, by=1, version=1)


def test_stages_are_added_ordered_and_cleaned(
    kasko_funnel: Funnel, renewals_manager: User, now: datetime
) -> None:
    values = {
        "name": "Осмотр", "probability": 55, "norm_days": "4", "required": ["amount", "nonsense"],
        "moves_on": ["project_paid", "nonsense"],
    }  # fmt: skip
    stage = act.save_stage(actor=renewals_manager, now=now, funnel=kasko_funnel, values=values)
    assert (stage.position, stage.required, stage.moves_on) == (6, ["amount"], ["project_paid"])
    act.shift_stage(actor=renewals_manager, now=now, stage=stage, by=-5)
    names = kasko_funnel.stages.order_by("position").values_list("name", flat=True)
    assert names[0] == "Осмотр"
    with pytest.raises(act.BadFunnel):
        act.save_stage(
            actor=renewals_manager, now=now, funnel=kasko_funnel, values={"name": " "}, stage=stage
        )


def test_a_talk_fills_the_deal_and_is_counted(
    make_deal: Make, kasko_funnel: Funnel, vera: Client, anna: User, now: datetime
) -> None:
    deal = make_deal(anna, vera)
    version = script_for(deal)
    assert version is not None
    assert version.script.code == "kasko-new"
    go = {"actor": anna, "now": now, "deal": deal, "version": version}
    talk.answer(**go, node="hello", choice=0)
    talk.answer(**go, node="drivers", choice=1, answers={"garage": "паркинг", "mileage": "14"})
    talk.answer(**go, node="deductible", choice=3)
    with pytest.raises(talk.NoSuchAnswer):
        talk.answer(**go, node="drivers", choice=0)
    deal.refresh_from_db()
    assert deal.answers == {"drivers": "с супругом", "garage": "паркинг", "mileage": "14"}
    assert Talk.objects.get().node == "credit"
    happened("policy_issued", [deal.pk], now=now)
    share = shares_of(version)[("drivers", 1)]
    assert (share.taken, share.percent, share.sells) == (1, 100, 100)
    assert objection_helps(version) == {"price": (1, 1)}
    talk.step_back(actor=anna, deal=deal, version=version)
    assert (Talk.objects.get().node, ("deductible", 3) in shares_of(version)) == ("deductible", False)


def test_a_version_starts_only_when_every_way_leads_somewhere(
    sales: None, tariffs: None, renewals_manager: User, now: datetime
) -> None:
    script = Script.objects.get(code="osago-new")
    draft = talk.draft_of(actor=renewals_manager, now=now, script=script)
    body = draft.body
    body["nodes"][0]["answers"][0]["goto"] = "nowhere"
    draft = talk.write_body(actor=renewals_manager, now=now, script=script, body=body)
    with pytest.raises(BadScript):
        talk.activate(actor=renewals_manager, now=now, version=draft)
    assert script.versions.get(state="active").number == 1
    body["nodes"][0]["answers"][0]["goto"] = "drivers"
    draft = talk.write_body(actor=renewals_manager, now=now, script=script, body=body)
    talk.activate(actor=renewals_manager, now=now, version=draft)
    assert list(script.versions.values_list("number", "state")) == [(2, "active"), (1, "retired")]

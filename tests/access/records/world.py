"""A record for every parameter of an address: one of Вера or Анна, one of Борис, and who may reach the first.

A new parameter must be told here, else the matrix fails: the key is (last word of the path before it, name).
"""

from typing import Any

from clientela.foundation.imports.models import RowError
from clientela.modules.documents.models import PickupPoint
from clientela.modules.organisation.models import Branch
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.requests.models import Intake
from tests.access.people import COMPANY, INSIDE
from tests.access.records.client import of_client
from tests.access.records.commission import of_commission
from tests.access.records.company import of_company
from tests.access.records.names import OF_CASTS, OF_COMPANY, OF_PERSONS, WORDS
from tests.access.records.pair import Pair
from tests.access.records.person import export, imported, mailing, of_person
from tests.access.records.sale import of_deals, paper_template


def world(cast: dict[str, Any], now: Any) -> dict[tuple[str, str], Pair]:
    """All parameters with their records."""
    own = of_client(cast["vera"], cast["vera_policy"], cast["vera_renewal"], cast["anna"], now)
    foreign = of_client(cast["boris_client"], cast["boris_policy"], cast["boris_renewal"], cast["boris"], now)
    own |= of_person(cast["anna"], now)
    foreign |= of_person(cast["boris"], now)
    found = {key: Pair(own[name], foreign[name], INSIDE) for key, name in OF_CASTS.items()}
    found |= {key: Pair(own[name], foreign[name], frozenset({"anna"})) for key, name in OF_PERSONS.items()}
    common = of_company(now)
    found |= {key: Pair(common[name]) for key, name in OF_COMPANY.items()}
    found |= {key: Pair(word) for key, word in WORDS.items()}
    found["branches", "branch_id"] = Pair(own["branch"], foreign["branch"], INSIDE | {"colleague"})
    found["centres", "centre_id"] = found["renewal-centres", "centre_id"] = Pair(
        cast["volga"].pk, cast["other_operator"].placement.centre_id, INSIDE
    )
    found["absences", "absence_id"] = Pair(own["absence"], foreign["absence"], INSIDE - {"centre_operator"})
    found["exports", "pk"] = found["exports", "export_id"] = Pair(
        export(cast["team_lead"], now), export(cast["other_lead"], now), frozenset({"team_lead"})
    )
    found |= of_commission(cast, now)
    found["letters", "mailing_id"] = found["mailings", "mailing_id"] = Pair(
        mailing(cast["team_lead"], now),
        mailing(cast["other_lead"], now),
        frozenset({"team_lead", *COMPANY}),
    )
    mine, his = imported(cast["branch_head"], now), imported(cast["other_head"], now)
    found["imports", "run_id"] = Pair(mine, his, frozenset({"branch_head", *COMPANY}))
    wrong = [RowError.objects.create(run_id=run, row_number=2, code="x", value="x").pk for run in (mine, his)]
    found["errors", "error_id"] = Pair(*wrong, frozenset({"branch_head", *COMPANY}))
    found["queues", "key"] = Pair(
        f"branch:{own['branch']}", f"branch:{foreign['branch']}", INSIDE | {"colleague"}
    )
    heard = INSIDE & frozenset(
        {"anna", "team_lead", "branch_head", "renewals_manager", "quality", "administrator"}
    )
    found["dialler", "calling_id"] = found["lists", "list_id"] = Pair(
        own["calling_list"], foreign["calling_list"], INSIDE | {"colleague", "other_lead"}
    )
    found["recordings", "recording_id"] = Pair(own["recording"], foreign["recording"], heard)
    found["with", "user_id"] = Pair(own["user"])
    found["t", "token"] = found["u", "token"] = Pair(own["message_token"])
    found["pay", "pay_token"] = Pair(own["pay_token"])
    found["offer", "token"] = Pair(own["offer_token"])
    found["photos", "inspection_token"] = Pair(own["inspection_token"])
    found["claim", "claim_token"] = Pair(own["claim_token"])
    found["p", "paper_token"] = Pair(own["paper_token"])
    found["delivery", "delivery_token"] = Pair(own["delivery_token"])
    found["sign", "sign_token"] = Pair(own["sign_token"])
    found["deliveries", "delivery_way"], found["deliveries", "delivery_state"] = (
        Pair("email"),
        Pair("handed_over"),
    )
    found["points", "pickup_point_id"] = Pair(
        PickupPoint.objects.create(branch=Branch.objects.all()[0], name="x", address="x", hours="9–18").pk
    )
    found["document-templates", "paper_template_id"] = Pair(paper_template(now))
    found["f", "token"] = Pair(SurveyRequest.objects.get(pk=own["feedback"]).token)
    found["forms", "intake_id"] = Pair(
        Intake.objects.create(key="matrix", name="x", title="x", created_at=now).pk
    )
    found["ask", "key"] = Pair("matrix")
    found["surveys", "survey_id"] = Pair(Survey.objects.get(code="matrix").pk)
    found["pictures", "token"] = Pair(own["picture"])
    found["wall", "token"] = Pair(own["wall_token"])
    heads = frozenset(["branch_head", *COMPANY])  # who sees all of the branch
    found |= of_deals(cast, now)
    found["screens", "screen_id"] = Pair(own["screen"], foreign["screen"], heads)
    return found

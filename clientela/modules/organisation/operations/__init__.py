"""The verbs of the organisation."""

from clientela.modules.organisation.operations.absences import (
    NotYourTeam,
    WrongAbsence,
    end_absence,
    plan_absence,
)
from clientela.modules.organisation.operations.agents import (
    NotYourCard,
    change_agent,
    change_contacts,
    confirm_contacts,
    create_agent,
)
from clientela.modules.organisation.operations.norms import WrongNorm, remove_norm, set_norm
from clientela.modules.organisation.operations.people import (
    WrongPlacement,
    create_person,
    place,
    set_activity,
)
from clientela.modules.organisation.operations.structure import (
    StillInUse,
    change_branch,
    change_centre,
    change_team,
    create_branch,
    create_centre,
    create_team,
    remove_team,
)

__all__ = [
    "NotYourCard",
    "NotYourTeam",
    "StillInUse",
    "WrongAbsence",
    "WrongNorm",
    "WrongPlacement",
    "change_agent",
    "change_branch",
    "change_centre",
    "change_contacts",
    "change_team",
    "confirm_contacts",
    "create_agent",
    "create_branch",
    "create_centre",
    "create_person",
    "create_team",
    "end_absence",
    "place",
    "plan_absence",
    "remove_norm",
    "remove_team",
    "set_activity",
    "set_norm",
]

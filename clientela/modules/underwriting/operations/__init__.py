"""Every change to referrals is one of these verbs."""

from clientela.modules.underwriting.operations.authority import set_authority
from clientela.modules.underwriting.operations.deciding import (
    AlreadyDecided,
    BeyondAuthority,
    InvalidLoading,
    LoadingBeyondAuthority,
    ReasonNeeded,
    accept,
    decline,
    open_referral,
)
from clientela.modules.underwriting.operations.endorsing import endorse, may_set_price
from clientela.modules.underwriting.operations.inspecting import (
    InspectionOver,
    NotAView,
    ask_inspection,
    begin_inspection,
    finish,
    keep_shot,
)

__all__ = [
    "AlreadyDecided",
    "BeyondAuthority",
    "InspectionOver",
    "InvalidLoading",
    "LoadingBeyondAuthority",
    "NotAView",
    "ReasonNeeded",
    "accept",
    "ask_inspection",
    "begin_inspection",
    "decline",
    "endorse",
    "finish",
    "keep_shot",
    "may_set_price",
    "open_referral",
    "set_authority",
]

"""Every change to referrals is one of these verbs."""

from clientela.modules.underwriting.operations.authority import set_authority
from clientela.modules.underwriting.operations.changing import (
    AcceptedOtherwise,
    AlreadyAsked,
    NotAccepted,
    NothingToRefer,
    accept_change,
    ask_change,
    decline_change,
    make_change,
    return_change,
    withdraw_change,
)
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
    ask_change_inspection,
    ask_inspection,
    begin_inspection,
    finish,
    keep_shot,
)

__all__ = [
    "AcceptedOtherwise",
    "AlreadyAsked",
    "AlreadyDecided",
    "BeyondAuthority",
    "InspectionOver",
    "InvalidLoading",
    "LoadingBeyondAuthority",
    "NotAView",
    "NotAccepted",
    "NothingToRefer",
    "ReasonNeeded",
    "accept",
    "accept_change",
    "ask_change",
    "ask_change_inspection",
    "ask_inspection",
    "begin_inspection",
    "decline",
    "decline_change",
    "endorse",
    "finish",
    "keep_shot",
    "make_change",
    "may_set_price",
    "open_referral",
    "return_change",
    "set_authority",
    "withdraw_change",
]

"""Every change to calculations is one of these verbs."""

from clientela.modules.quotes.operations.base import CalculationFixed, NotPriced, StaleCalculation
from clientela.modules.quotes.operations.changing import (
    BadPerson,
    NamesNobody,
    PastStart,
    TooManyDrivers,
    TooManyInsured,
    change,
)
from clientela.modules.quotes.operations.closing import (
    DeclinedByRules,
    MoneyCame,
    NeedsUnderwriter,
    NothingNamed,
    PriceMoved,
    lose,
    reopen,
    run_out,
    take_back_bill,
    to_project,
)
from clientela.modules.quotes.operations.endorsing import (
    CannotBePriced,
    HandPriceForbidden,
    HandPriceNeeded,
    endorse,
    price_change,
)
from clientela.modules.quotes.operations.price_runs import BadWindow, PricesUnderWay, begin_prices
from clientela.modules.quotes.operations.pricing import (
    decline,
    price_again,
    refer,
    release,
    start_later,
    take_back,
)
from clientela.modules.quotes.operations.sending import (
    BadChannel,
    OfferOver,
    accept,
    make_page,
    page_url,
    send,
)
from clientela.modules.quotes.operations.starting import start
from clientela.modules.quotes.operations.telling import disputed, take_told
from clientela.modules.quotes.operations.variants import (
    LastVariant,
    TooManyVariants,
    add_variant,
    change_variant,
    choose,
    remove_variant,
)

__all__ = [
    "BadChannel",
    "BadPerson",
    "BadWindow",
    "CalculationFixed",
    "CannotBePriced",
    "DeclinedByRules",
    "HandPriceForbidden",
    "HandPriceNeeded",
    "LastVariant",
    "MoneyCame",
    "NamesNobody",
    "NeedsUnderwriter",
    "NotPriced",
    "NothingNamed",
    "OfferOver",
    "PastStart",
    "PriceMoved",
    "PricesUnderWay",
    "StaleCalculation",
    "TooManyDrivers",
    "TooManyInsured",
    "TooManyVariants",
    "accept",
    "add_variant",
    "begin_prices",
    "change",
    "change_variant",
    "choose",
    "decline",
    "disputed",
    "endorse",
    "lose",
    "make_page",
    "page_url",
    "price_again",
    "price_change",
    "refer",
    "release",
    "remove_variant",
    "reopen",
    "run_out",
    "send",
    "start",
    "start_later",
    "take_back",
    "take_back_bill",
    "take_told",
    "to_project",
]

"""The four stages in which a company makes a client base its own (document 004), each with its shipped views.

Lists by territory and by agent; enrichment; preferences; interpretation. A view is a row of ``SavedView`` that nobody
owns: an administrator may change it, the words of a shipped one are translated where it is shown.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from clientela.foundation.lists.models import SavedView

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PREFIX = "clients.adoption."


@dataclass(frozen=True)
class Stage:
    """``measures``: codes of ``knowledge.WORDS`` whose counts stand in the table; ``bar`` is the one of the bars."""

    code: str
    title: "_StrPromise"
    text: "_StrPromise"
    measures: tuple[str, ...]
    bar: str
    views: tuple[tuple[str, str], ...]

    @property
    def list_key(self) -> str:
        return PREFIX + self.code


STAGES = (
    Stage(
        "lists", _("Lists"), _("Every client has a branch and a person who answers for them."),
        ("phone", "address", "fresh"), "fresh",
        (
            (gettext_noop("Everybody, by name"), ""),
            (gettext_noop("With policies, the nearest end first"), "ending=366&order=end"),
            (gettext_noop("Companies"), "kind=company"),
            (gettext_noop("The fullest cards first"), "order=-completeness"),
        ),
    ),
    Stage(
        "enrichment", _("Enrichment"), _("What is needed to reach a client and to write a policy is on the card."),
        ("birth_date", "phone", "email", "document", "consent", "fresh"), "phone",
        (
            (gettext_noop("No birth date"), "lacks=birth_date&kind=person"),
            (gettext_noop("No phone that works"), "lacks=phone"),
            (gettext_noop("No e-mail that works"), "lacks=email"),
            (gettext_noop("No passport"), "lacks=document&kind=person"),
            (gettext_noop("No consent to service messages"), "lacks=consent"),
            (gettext_noop("Data nobody confirmed within a year"), "lacks=fresh"),
            (gettext_noop("The emptiest cards first"), "order=completeness"),
        ),
    ),
    Stage(
        "preferences", _("Preferences"), _("How and when the client wants to be spoken to, and what is dear to them."),
        ("channel", "hours", "interests", "household"), "channel",
        (
            (gettext_noop("Preferred channel known"), "knows=channel"),
            (gettext_noop("Preferred channel not known"), "lacks=channel"),
            (gettext_noop("Preferred hours known"), "knows=hours"),
            (gettext_noop("Interests known"), "knows=interests"),
            (gettext_noop("Interests not known"), "lacks=interests"),
            (gettext_noop("Family known"), "knows=household"),
        ),
    ),
    Stage(
        "interpretation", _("Interpretation"), _("What the client is to the company, and what to do next."),
        ("profit", "offer", "at_risk"), "profit",
        (
            (gettext_noop("Loyal and profitable"), "loyalty=loyal&profitability=profitable&order=-premium"),
            (gettext_noop("Regular"), "loyalty=regular&order=-premium"),
            (gettext_noop("Unprofitable"), "profitability=unprofitable"),
            (gettext_noop("Risk of lapse: ends within 30 days, nothing done"), "ending=30&knows=at_risk&order=end"),
            (gettext_noop("Next best offer: KASKO"), "advised=kasko"),
            (gettext_noop("Next best offer: property"), "advised=property"),
            (gettext_noop("Next best offer: mortgage"), "advised=mortgage"),
            (gettext_noop("Families that are insured"), "knows=household&order=-policies"),
        ),
    ),
)  # fmt: skip
BY_CODE = {one.code: one for one in STAGES}


def load_shipped() -> int:
    """Add the shipped views that are missing; returns how many were added. What people changed stays."""
    added = 0
    for stage in STAGES:
        known = set(
            SavedView.objects.filter(list_key=stage.list_key, owner=None).values_list("name", flat=True)
        )
        for place, (name, query) in enumerate(stage.views, 1):
            if name not in known:
                SavedView.objects.create(
                    list_key=stage.list_key, name=name, query=query, owner=None, shared=True, position=place
                )
                added += 1
    return added

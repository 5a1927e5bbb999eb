"""What there can be alerts about, and how each is told unless a person chooses otherwise."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PAGE, SOUND, PUSH = "page", "sound", "push"
WAYS = (PAGE, SOUND, PUSH)


@dataclass(frozen=True)
class Topic:
    """``neutral`` is all that a push shows to people who did not choose to see more; ``ways`` are the defaults."""

    label: Promise
    neutral: Promise
    ways: frozenset[str]


TOPICS: dict[str, Topic] = {
    "message": Topic(
        _("A message in my conversation"), _("A new message in your conversation"), frozenset(WAYS)
    ),
    "queue": Topic(_("A message in nobody's queue"), _("A new message in the queue"), frozenset()),
    "mention": Topic(_("A colleague calls me by @"), _("You are mentioned in the chat"), frozenset(WAYS)),
    "direct": Topic(_("A colleague writes to me"), _("A new message from a colleague"), frozenset(WAYS)),
    "group": Topic(
        _("A message in my group or discussion"), _("A new message in the chat"), frozenset({PAGE})
    ),
    "missed_call": Topic(
        _("A missed call"), pgettext_lazy("push", "You have a missed call"), frozenset(WAYS)
    ),
    "delivery": Topic(
        _("Documents did not come to my client"),
        _("A delivery of documents went wrong"),
        frozenset({PAGE, PUSH}),
    ),
    "decision": Topic(
        _("An underwriter decided what I asked"), _("An underwriter has decided"), frozenset({PAGE, PUSH})
    ),
    "request": Topic(
        _("My client bought on the site"), _("A request of yours is over"), frozenset({PAGE, PUSH})
    ),
    "claim": Topic(
        _("My client reports a loss on the site"),
        _("A client of yours reports a loss"),
        frozenset({PAGE, PUSH}),
    ),
    "renewal": Topic(
        _("My client renews on the site"), _("A client of yours renews on the site"), frozenset({PAGE, PUSH})
    ),
    "rent": Topic(_("The branch on my rent"), _("The branch decided on a rent"), frozenset({PAGE, PUSH})),
    "version": Topic(
        _("What I proposed of a product or tariff is decided"),
        _("A version of yours is decided"),
        frozenset({PAGE, PUSH}),
    ),
    "training": Topic(_("A test to pass"), _("A test is to be passed"), frozenset({PAGE, PUSH})),
    "reminder": Topic(_("A reminder of the calendar"), _("A reminder of the calendar"), frozenset(WAYS)),
}

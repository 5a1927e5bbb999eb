"""Why somebody is on a list, why now, and why not, in sentences."""

from datetime import date, datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clientela.foundation.dates import local_today
from clientela.foundation.ui import formats
from clientela.modules.contacts.rules import Verdict
from clientela.modules.contacts.rules.wording import describe
from clientela.modules.dialler import ports
from clientela.modules.dialler.models import Entry
from clientela.modules.dialler.queries.facts import zone_of
from clientela.modules.dialler.rules.outcomes import UNREACHED, Outcome


def why(entry: Entry, *, now: datetime) -> list[str]:
    """Why the client is on the list and why their turn is now, the weightiest first."""
    found = []
    today = local_today(zone_of(entry).key, now)
    if entry.asked:
        found.append(_asked(entry))
    if entry.ends_on is not None:
        found.append(ends(entry.ends_on, today))
    found += [_(reason) for reason in entry.reasons if reason]
    if entry.attempts and not entry.asked:
        found.append(_tried(entry))
    return found


def _asked(entry: Entry) -> str:
    if entry.outcome == Outcome.LATER:
        return _("asked to be called at this time")
    if entry.outcome == Outcome.PROMISED:
        return _("promised to renew by now")
    if entry.outcome == Outcome.MEETING:
        return _("there was a meeting")
    return _("waits for our call")


def ends(day: date, today: date) -> str:
    """«Полис кончается через 17 дней»."""
    left = (day - today).days
    if left < 0:
        return _("the policy has ended")
    if left == 0:
        return _("the policy ends today")
    return ngettext("the policy ends in %(days)s day", "the policy ends in %(days)s days", left) % {
        "days": left
    }


def _tried(entry: Entry) -> str:
    count = {"count": entry.attempts}
    if entry.outcome in UNREACHED:
        return (
            ngettext("not reached in %(count)s attempt", "not reached in %(count)s attempts", entry.attempts)
            % count
        )
    return ngettext("%(count)s attempt", "%(count)s attempts", entry.attempts) % count


def reason_of(entry: Entry, *, now: datetime) -> str:
    """Why nobody calls, or not now."""
    if entry.fault in ("guard", "asker"):
        return ports.words_of(entry.origin, entry.dropped)
    if entry.fault == "policy" and entry.verdict:
        failed = [check for check in Verdict.from_json(entry.verdict).checks if not check.passed]
        return str(describe(failed[0])) if failed else entry.dropped
    if entry.fault == "person":
        return _("taken off by a colleague")
    if entry.dropped == "too_late":
        return _("the last day of this entry is over")
    if entry.state == Entry.State.WAITING:
        when = formats.near_moment(entry.next_at, get_language() or "ru", now, zone_of(entry))
        return _("not before %(time)s of the client") % {"time": when}
    return entry.dropped

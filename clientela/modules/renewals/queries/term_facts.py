"""One term's facts as the pure rules want them."""

from zoneinfo import ZoneInfo

from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.rules import TermFacts


def facts_of(renewal: Renewal) -> TermFacts:
    """Facts of a renewal loaded with its product and bank; moments become days in the client's zone."""
    zone = ZoneInfo(renewal.time_zone)
    opened, clicked, replied = (
        moment.astimezone(zone).date() if moment else None
        for moment in (renewal.last_opened_at, renewal.last_clicked_at, renewal.last_replied_at)
    )
    return TermFacts(
        end_date=renewal.end_date,
        line=renewal.line,
        client_id=renewal.client_id,
        product=renewal.product.code,
        bank=renewal.bank.code if renewal.bank else None,
        renewal_year=renewal.renewal_year,
        centre_supported=renewal.centre_id is not None,
        reach=renewal.reach,
        has_project=renewal.has_project,
        has_quote=renewal.has_quote,
        paid=renewal.paid_at is not None,
        lost=renewal.state == Renewal.State.LOST,
        object_sold=renewal.object_sold,
        in_dispute=renewal.in_dispute,
        do_not_contact=renewal.do_not_contact,
        norm_kept=renewal.norm_kept,
        held_until=renewal.held_until,
        opened_on=opened,
        clicked_on=clicked,
        replied_on=replied,
    )

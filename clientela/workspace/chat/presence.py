"""Who is at work now, as routing knows it."""

from collections.abc import Iterable

from django.utils import timezone

from clientela.modules.accounts.models import User
from clientela.modules.routing.models import Station
from clientela.modules.routing.queries import presence_of


def online(people: Iterable[User]) -> set[int]:
    """Ids of those who are here, by their own page."""
    known = presence_of({person.pk for person in people}, now=timezone.now())
    return {user_id for user_id, one in known.items() if one.state != Station.State.OFFLINE}

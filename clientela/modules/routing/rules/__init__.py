"""Whose work it is, by when it is answered, and when it moves on: pure."""

from clientela.modules.routing.rules.choice import Choice, Owner, Person, Pool, Wanted, choose
from clientela.modules.routing.rules.moments import answer_by, in_time
from clientela.modules.routing.rules.reasons import Reason, Why

__all__ = ["Choice", "Owner", "Person", "Pool", "Reason", "Wanted", "Why", "answer_by", "choose", "in_time"]

"""Reading consents, the policy in force, messages and their way."""

from clientela.modules.contacts.queries.facts import Ask, Assessed, assess_all, policy_in_force

__all__ = ["Ask", "Assessed", "assess_all", "policy_in_force"]

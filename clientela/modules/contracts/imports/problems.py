"""What can be wrong with a row of a portfolio beyond its single values: what it is, and how to mend it."""

from django.utils.translation import gettext_lazy as _

PROBLEMS = {
    "no_name": (_("Nobody is named"), _("Give a name, or the key or policy number of a client we know")),
    "several_cards": (_("Several cards match"), _("The oldest card was taken; merge the cards")),
    "erased_person": (
        _("The person was erased at their wish"),
        _("Make the card by hand if they have come back"),
    ),
    "foreign_client": (
        _("The client is of another branch"),
        _("The policy is taken, the card stays as it is"),
    ),
    "foreign_agent": (
        _("The agent is of another branch"),
        _("Give an agent of your branch or leave it empty"),
    ),
    "policy_other_client": (
        _("The policy belongs to another client"),
        _("The owner stays; check the number"),
    ),
    "ends_before": (_("The policy ends before it starts"), _("Check both dates")),
    "negative": (_("The amount is below zero"), _("Write it without a minus")),
}

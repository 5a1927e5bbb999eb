from django.apps import AppConfig


class ClaimPagesConfig(AppConfig):
    """The list of claims, a claim with its decision, and the notice a colleague writes for a client."""

    name = "clientela.workspace.claims"
    label = "claim_pages"

from django.apps import AppConfig


class RenewalPagesConfig(AppConfig):
    """The board of expiring terms, its drawer and the track of a client."""

    name = "clientela.workspace.renewals"
    label = "renewal_pages"

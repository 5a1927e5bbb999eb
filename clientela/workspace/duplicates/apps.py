from django.apps import AppConfig


class DuplicatePagesConfig(AppConfig):
    """The steward's page: cards that may be one client."""

    name = "clientela.workspace.duplicates"
    label = "duplicate_pages"

from django.apps import AppConfig


class QuotePagesConfig(AppConfig):
    """The one window of a sale, and the list of calculations."""

    name = "clientela.workspace.quotes"
    label = "quote_pages"

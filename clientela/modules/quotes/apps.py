from django.apps import AppConfig


class QuotesConfig(AppConfig):
    """Calculations: one need of a client, priced in several variants."""

    name = "clientela.modules.quotes"

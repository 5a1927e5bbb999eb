from django.apps import AppConfig


class SalesConfig(AppConfig):
    """Deals in funnels, the scripts of their talks, and advice on cross-sales."""

    name = "clientela.modules.sales"

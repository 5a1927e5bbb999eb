from django.apps import AppConfig


class DealsConfig(AppConfig):
    """The board of deals, their drawer, the editors of funnels and scripts."""

    name = "clientela.workspace.deals"
    label = "deals"

from django.apps import AppConfig


class AlertPagesConfig(AppConfig):
    """What a person hears of and how: the settings, and what open pages ask for."""

    name = "clientela.workspace.alerts"
    label = "alert_pages"

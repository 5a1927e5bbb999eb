from django.apps import AppConfig


class GroupConfig(AppConfig):
    """Data from sister companies."""

    name = "clientela.modules.group"
    label = "group"

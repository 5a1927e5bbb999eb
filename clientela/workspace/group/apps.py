from django.apps import AppConfig


class GroupPagesConfig(AppConfig):
    """Data from sister companies: on the card, and where it is set up."""

    name = "clientela.workspace.group"
    label = "group_pages"

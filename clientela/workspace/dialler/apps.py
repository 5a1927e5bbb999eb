from django.apps import AppConfig


class DiallerPagesConfig(AppConfig):
    """The operators' calling lists: the working screen, the lists, their settings."""

    name = "clientela.workspace.dialler"
    label = "dialler_pages"

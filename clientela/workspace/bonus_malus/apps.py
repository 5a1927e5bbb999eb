from django.apps import AppConfig


class ClassesConfig(AppConfig):
    """Pages about classes of drivers: disputes, what is awaited, the yearly step, the part of a client's card."""

    name = "clientela.workspace.bonus_malus"
    label = "classes"

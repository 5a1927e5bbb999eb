from django.apps import AppConfig


class WallboardConfig(AppConfig):
    name = "clientela.workspace.wallboard"
    label = "wallboard"

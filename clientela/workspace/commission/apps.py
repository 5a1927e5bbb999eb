from django.apps import AppConfig


class CommissionScreensConfig(AppConfig):
    name = "clientela.workspace.commission"
    label = "commission_screens"

from django.apps import AppConfig


class CommissionPagesConfig(AppConfig):
    name = "clientela.workspace.commission"
    label = "commission_pages"

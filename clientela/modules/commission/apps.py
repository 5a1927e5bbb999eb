from django.apps import AppConfig


class CommissionConfig(AppConfig):
    name = "clientela.modules.commission"
    label = "commission"

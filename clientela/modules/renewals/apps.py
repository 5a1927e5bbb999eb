from django.apps import AppConfig


class RenewalsConfig(AppConfig):
    name = "clientela.modules.renewals"
    label = "renewals"

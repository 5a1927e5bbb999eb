from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "clientela.modules.billing"
    label = "billing"

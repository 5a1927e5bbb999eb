from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "clientela.workspace.payments"
    label = "payments"

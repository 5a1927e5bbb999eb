from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "clientela.modules.contracts"
    label = "contracts"

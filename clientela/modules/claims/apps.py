from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "clientela.modules.claims"
    label = "claims"

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "clientela.modules.privacy"
    label = "privacy"

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "clientela.modules.accounts"
    label = "accounts"

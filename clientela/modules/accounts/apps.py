from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "clientela.modules.accounts"
    label = "accounts"

    def ready(self) -> None:
        from clientela.modules.accounts import handlers

        handlers.connect()

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "clientela.config"
    label = "config"

    def ready(self) -> None:
        from clientela.config import subscriptions

        subscriptions.register()

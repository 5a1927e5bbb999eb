from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "clientela.modules.chat"
    label = "chat"

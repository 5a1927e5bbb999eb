from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "clientela.modules.letters"
    label = "letters"

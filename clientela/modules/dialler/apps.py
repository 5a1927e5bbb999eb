from django.apps import AppConfig


class DiallerConfig(AppConfig):
    """Calling lists of operators: whom to call, in which order, and what came of it."""

    name = "clientela.modules.dialler"

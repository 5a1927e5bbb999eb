from django.apps import AppConfig


class RobotConfig(AppConfig):
    """The voice robot: dialogues as data, and the calls it makes by them."""

    name = "clientela.modules.robot"

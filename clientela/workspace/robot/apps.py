from django.apps import AppConfig


class RobotPagesConfig(AppConfig):
    """The list of dialogues, the editor of one, and what the robot does today."""

    name = "clientela.workspace.robot"
    label = "robot_pages"

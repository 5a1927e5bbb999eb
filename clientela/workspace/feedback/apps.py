from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "clientela.workspace.feedback"
    label = "feedback"

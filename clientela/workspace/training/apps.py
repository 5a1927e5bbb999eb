from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Tests of products: taking them, writing them, and who passed."""

    name = "clientela.workspace.training"

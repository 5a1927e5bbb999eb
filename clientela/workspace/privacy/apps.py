from django.apps import AppConfig


class PrivacyPagesConfig(AppConfig):
    """What a person may ask about their data, and who read it."""

    name = "clientela.workspace.privacy"
    label = "privacy_pages"

from django.apps import AppConfig


class PoliciesPagesConfig(AppConfig):
    """The page of one policy with its versions and documents."""

    name = "clientela.workspace.policies"
    label = "policies_pages"

from django.apps import AppConfig


class UnderwritingPagesConfig(AppConfig):
    """The underwriters' queue, their decisions, and how far each may decide."""

    name = "clientela.workspace.underwriting"
    label = "underwriting_pages"

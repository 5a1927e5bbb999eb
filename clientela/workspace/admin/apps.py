from django.apps import AppConfig


class AdminPagesConfig(AppConfig):
    """Organisation, journal and jobs."""

    name = "clientela.workspace.admin"
    label = "admin_pages"

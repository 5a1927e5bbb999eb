from django.apps import AppConfig


class SearchPagesConfig(AppConfig):
    """Search from anywhere: the command palette and its page."""

    name = "clientela.workspace.search"
    label = "search_pages"

from django.apps import AppConfig


class LettersPagesConfig(AppConfig):
    """Letters on paper: from a list of clients to a file for the printer and a list for the post."""

    name = "clientela.workspace.letters"
    label = "letters_pages"

from django.apps import AppConfig


class BookPagesConfig(AppConfig):
    """The sales book on the screen: read by sellers, kept by product managers."""

    name = "clientela.workspace.book"
    label = "book_pages"

from django.apps import AppConfig


class BookConfig(AppConfig):
    """The sales book: what a seller has to know of a product before selling it."""

    name = "clientela.modules.book"

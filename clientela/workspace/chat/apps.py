from django.apps import AppConfig


class ChatPagesConfig(AppConfig):
    """Talk among colleagues: the list of rooms, one of them, and the discussion beside a record."""

    name = "clientela.workspace.chat"
    label = "chat_pages"

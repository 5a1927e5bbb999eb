from django.apps import AppConfig


class InboxPagesConfig(AppConfig):
    """One window for all conversations with clients: who waits, what was said, the answer."""

    name = "clientela.workspace.inbox"
    label = "inbox_pages"

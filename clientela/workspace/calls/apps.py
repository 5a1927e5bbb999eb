from django.apps import AppConfig


class CallPagesConfig(AppConfig):
    """The call that rings or goes on, all calls, whoever is to be called back, our numbers and menus."""

    name = "clientela.workspace.calls"
    label = "call_pages"

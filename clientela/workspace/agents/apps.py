from django.apps import AppConfig


class AgentPagesConfig(AppConfig):
    """The agent's renewal dashboard."""

    name = "clientela.workspace.agents"
    label = "agent_pages"

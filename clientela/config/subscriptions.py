"""The one table of who reacts to which event, which views look again, and who does which job."""


def register() -> None:
    """Called once when the apps are ready."""

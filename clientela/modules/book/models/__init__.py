"""What the sales book keeps."""

from clientela.modules.book.models.training import Attempt, Question, Reminder, Test

__all__ = ["Attempt", "Question", "Reminder", "Test"]

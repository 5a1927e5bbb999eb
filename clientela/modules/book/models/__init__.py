"""What the book keeps."""

from clientela.modules.book.models.training import Attempt, Question, Test

__all__ = ["Attempt", "Question", "Test"]

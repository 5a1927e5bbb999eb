"""What the sales book keeps."""

from clientela.modules.book.models.pages import Block, Entry, EntryVersion, Page
from clientela.modules.book.models.training import Attempt, Question, Reminder, Test

__all__ = ["Attempt", "Block", "Entry", "EntryVersion", "Page", "Question", "Reminder", "Test"]

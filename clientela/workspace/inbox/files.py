"""Files of the answer that somebody is writing."""

from typing import Any

from django.db.models import QuerySet

from clientela.modules.contacts.models import Conversation, DraftFile


def own_files(user: Any, talk: Conversation) -> "QuerySet[DraftFile]":
    """Files that this person is about to send in a conversation, the oldest first."""
    return DraftFile.objects.filter(conversation=talk, author=user.pk)

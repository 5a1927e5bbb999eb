"""Words that are written when they are read, in the language of whoever reads them."""

from datetime import date

from django.conf import settings
from django.utils.translation import get_language

from clientela.foundation.ui import formats


class LazyDay:
    """A date for a sentence that is stored or told later."""

    def __init__(self, day: date) -> None:
        self.day = day

    def __str__(self) -> str:
        return formats.full_date(self.day, get_language() or settings.LANGUAGE_CODE)

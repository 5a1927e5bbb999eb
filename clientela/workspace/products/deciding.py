"""The second person's form: another first day with a word why, or a comment."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations.starting import older_of

_PLACES = {"starts_on": "starts_on", "comment": "reason"}


class DecisionForm(forms.Form):
    """Bound, it was refused and says why at its field; what was typed stays."""

    starts_on = forms.DateField(
        label=_("Counts from"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    reason = forms.CharField(
        label=_("Comment, or what to mend"),
        required=False,
        max_length=250,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, version: TableVersion | ProductVersion, posted: Any = None) -> None:
        super().__init__(posted, initial={"starts_on": version.starts_on}, auto_id="decision-%s")
        older = older_of(version)
        tomorrow = local_today(settings.TIME_ZONE, timezone.now()) + timedelta(days=1)
        self.earliest = max(tomorrow, older.starts_on) if older is not None else tomorrow
        self.is_late = version.starts_on < self.earliest
        self.fields["starts_on"].widget.attrs["min"] = self.earliest.isoformat()

    def told(self) -> dict[str, Any]:
        """What the operation is given."""
        return {"starts_on": self.cleaned_data["starts_on"], "comment": self.cleaned_data["reason"]}

    def takes(self, refusal: Refusal) -> bool:
        """Whether the refusal is about a field of this form; it stands at the field then."""
        place = _PLACES.get(refusal.field)
        if place is not None:
            self.add_error(place, str(refusal))
        return place is not None

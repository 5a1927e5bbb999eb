"""The gallery: every component in its states, for those who build screens."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

MARKS: list[dict[str, Any]] = [
    {"day": 45, "channel": "sms", "state": "sent", "label": "SMS"},
    {"day": 30, "channel": "email", "state": "open", "label": "E-mail"},
    {"day": 30, "channel": "vk", "state": "open", "label": "VK"},
    {"day": 30, "channel": "sms", "state": "sent", "label": "SMS"},
    {"day": 17, "channel": "email", "state": "plan", "label": "E-mail"},
    {"day": 17, "channel": "operator", "state": "plan", "label": "Operator"},
    {"day": 5, "channel": "sms", "state": "drop", "label": "SMS"},
]
RUN_MARKS = [mark for mark in MARKS if mark["day"] != 5] + [
    {"day": 5, "channel": "sms", "state": "wait", "label": "SMS"}
]
RUNS = [{"first": 29, "last": 18}]


class SampleForm(forms.Form):
    """One field of each kind, as the gallery shows them."""

    surname = forms.CharField(label="Surname", max_length=40)
    phone = forms.CharField(label="Phone", help_text="Or an e-mail", required=False)
    inn = forms.CharField(label="INN")
    way = forms.ChoiceField(label="How to reach", choices=[("call", "Call after 11:00"), ("mail", "E-mail")])
    note = forms.CharField(label="Note", widget=forms.Textarea({"rows": 2}), required=False)
    agreed = forms.BooleanField(label="Service messages", help_text="SMS, e-mail, messengers")

    def clean_inn(self) -> str:
        raise forms.ValidationError("The check figure does not fit: the last digit must be 4.")


@login_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Components in their states; any signed-in person may look."""
    now = timezone.now()
    form = SampleForm({"surname": "Орлова", "inn": "760307073215", "way": "call", "agreed": "on"})
    rows = [
        {
            "id": 1,
            "name": "Зарипова Гузель Фаритовна",
            "left": 1,
            "price": Decimal("6903.12"),
            "change": -6.0,
        },
        {"id": 2, "name": "Орлова Вера Николаевна", "left": 17, "price": Decimal("71483.99"), "change": -1.9},
        {
            "id": 3,
            "name": "Миронов Алексей Борисович",
            "left": 26,
            "price": Decimal("118240.7"),
            "change": 14.2,
        },
    ]
    for row in rows:
        row["end"] = timezone.localdate() + timedelta(days=row["left"])  # type: ignore[arg-type]
    context = {
        "form": form,
        "rows": rows,
        "marks": MARKS,
        "run_marks": RUN_MARKS,
        "runs": RUNS,
        "moment": now - timedelta(hours=20),
        "page": Paginator(range(1284), 100).get_page(request.GET.get("page")),
        "order": request.GET.get("order", "left"),
        "days": (45, 21, 17, 5, 0, -3),
        "tabs": [
            {"label": "All expiring", "url": "?", "count": 1284, "current": True},
            {"label": "No project", "url": "?view=2", "count": 96},
        ],
        "seg": [{"label": "All", "url": "?", "current": True}, {"label": "Calls", "url": "?v=1", "count": 5}],
        "facts": [
            {"label": "Policies in force", "value": "3", "note": "КАСКО, ОСАГО"},
            {"label": "Premium a year", "value": "80 108 ₽", "note": "12 %"},
            {"label": "Rating", "value": "9 / 10", "url": "#"},
            {"label": "Will renew", "value": "84 %", "css": "text-good-ink"},
        ],
        "checks": [
            {"state": "no", "text": "There is a quote"},
            {"state": "yes", "text": "Consent to SMS"},
        ],
        "parts": [
            {"width": 48, "color": "c1"},
            {"width": 11.5, "color": "c3"},
            {"width": 1.6, "color": "bad"},
        ],
    }
    return render(request, "ui/gallery.html", context)

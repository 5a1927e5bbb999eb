"""What a client told about themselves, on the card."""

from collections import defaultdict
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.foundation.ui import formats
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client, ProfileAnswer


@require_safe
@requires(Permission.CLIENTS_READ)
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest answer of each question, with what was said before."""
    client = get_object_or_404(Client.objects.visible_to(caller(request)), pk=pk)
    rows = ProfileAnswer.objects.filter(client=client).select_related("answered_by")
    known: dict[str, list[ProfileAnswer]] = defaultdict(list)
    for row in rows.order_by("-answered_at", "-id"):
        known[row.key].append(row)
    shown = [
        {
            "label": said[0].label_en if (get_language() or "").startswith("en") and said[0].label_en else said[0].label,
            "value": value_of(said[0]), "answer": said[0], "before": [value_of(one) for one in said[1:6]],
        }
        for said in known.values()
    ]  # fmt: skip
    return render(request, "clients/card_answers.html", {"answers": shown})


def value_of(answer: ProfileAnswer) -> str:
    """The answer as it is read: a day and a number in the language of the page."""
    language = get_language() or "ru"
    if answer.kind == "date":
        day = date.fromisoformat(answer.value)
        return formats.full_date(day, language)
    if answer.kind == "yes_no":
        return _("yes") if answer.value == "yes" else _("no")
    value = answer.value.replace(".", ",") if answer.kind == "number" and language == "ru" else answer.value
    return f"{value} {answer.unit}".strip()

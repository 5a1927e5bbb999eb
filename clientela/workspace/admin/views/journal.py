"""The journal: filters, one entry with before and after, the chain, the file."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clientela.foundation.audit.models import Entry
from clientela.foundation.lists.export import list_file
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.workspace.admin import journal as queries
from clientela.workspace.admin.forms.journal import JournalFilter

HEAD = ["id", "at", "who", "action", "kind", "object id", "object", "changes", "reason", "address", "digest"]


@requires(Permission.AUDIT_READ)
@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """Entries at the left, the one in hand at the right."""
    form = JournalFilter(request.GET)
    chosen = form.chosen()
    page = queries.page(chosen, before=form.number("before"))
    shown = form.number("entry")
    query = request.GET.copy()
    for name in ("entry", "before"):
        query.pop(name, None)
    context = {
        "form": form,
        "chosen": chosen,
        "who": User.objects.filter(pk=chosen.who).first() if chosen.who else None,
        "page": page,
        "query": query.urlencode(),
        "row": queries.in_words(get_object_or_404(Entry, pk=shown)) if shown else None,
        "neighbours": Entry.objects.filter(id__lte=shown).order_by("-id")[:3] if shown else [],
        "chain": queries.chain(),
        "hours": queries.hours(day) if (day := _day(chosen)) else None,
        "today": timezone.localdate(),
    }
    return render(request, "audit/journal.html", context)


def _day(chosen: queries.Filter) -> date | None:
    """The single day shown, for the strip of hours."""
    if chosen == queries.Filter():
        return timezone.localdate()
    alone = queries.Filter(since=chosen.since, until=chosen.since)
    return chosen.since if chosen == alone else None


@requires(Permission.AUDIT_READ)
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered journal as CSV."""
    rows = queries.export(JournalFilter(request.GET).chosen(), actor=caller(request), now=timezone.now())
    return list_file("csv", HEAD, rows, name=f"journal-{timezone.localdate()}")


@requires(Permission.AUDIT_READ)
@require_POST
def verification(request: HttpRequest) -> HttpResponse:
    """Walk the chain now."""
    job = queries.request_verification(actor=caller(request), now=timezone.now())
    messages.success(request, _("The check has begun.") if job else _("A check is already under way."))
    return redirect("audit:journal")

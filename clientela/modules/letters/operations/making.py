"""The job that makes the letters of a mailing: judged, numbered, printed and joined, each in chunks.

The checkpoint moves in the transaction of each chunk; a file is written before it under a name that the chunk decides,
so that a run cut anywhere writes the same file again and nothing twice.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from clientela.foundation.bulk import update_rows
from clientela.foundation.dates import local_today
from clientela.foundation.jobs.operations import Run
from clientela.foundation.phones import format_phone
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Channel, Message, Template
from clientela.modules.contacts.operations import Draft, queue_messages
from clientela.modules.contacts.queries.facts import postal_addresses
from clientela.modules.contacts.rules import TextError, render
from clientela.modules.letters.models import Letter, Mailing
from clientela.modules.letters.operations.mailings import ORIGIN
from clientela.modules.letters.paper import Page, joined, printed
from clientela.modules.letters.rules import window_of
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.queries.texts import variables

JUDGED, PRINTED = 200, 25
_FOLDER = "letters"
# Why a text could not be filled: the client has no open term, or the term lacks what the text names.
NO_TERM, NO_VALUE = "no_term", "no_value"
_OF_TERM = ("client", "policy__insured_object", "product", "bank", "agent", "centre")
State = Letter.State


def run_mailing(run: Run) -> dict[str, Any]:
    """Make the letters; goes on where it was cut."""
    mailing = Mailing.objects.select_related("template").get(pk=run.args["mailing"])
    try:
        while (step := run.checkpoint.get("step", "judge")) != "done":
            run.check()
            with transaction.atomic():
                if not _being_made(mailing).select_for_update().exists():
                    break
                _STEPS[step](run, mailing, timezone.now())
    finally:
        if not _being_made(mailing).exists():
            _forget_parts(mailing)
    counts = {state: mailing.letters.filter(state=state).count() for state in (State.ACCEPTED, State.REFUSED)}
    return {"accepted": counts[State.ACCEPTED], "refused": counts[State.REFUSED]}


def _being_made(mailing: Mailing) -> "QuerySet[Mailing]":
    return Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.MAKING)


def _judge(run: Run, mailing: Mailing, now: datetime) -> None:
    """Fill the words for the next clients and ask for their messages; the policy says who gets none, and why."""
    letters = list(
        mailing.letters.filter(state=State.WAITING)
        .select_related("client__agent", "client__centre")
        .order_by("id")[:JUDGED]
    )
    if not letters:
        run.progress(checkpoint={"step": "number"})
        return
    words, changes = _words(mailing.template, letters, now), {}
    addresses = postal_addresses({letter.client_id for letter in letters})
    drafts = [
        Draft(
            client_id=letter.client_id, channel=Channel.LETTER, text=found[1], subject=found[0],
            purpose=mailing.template.purpose, origin=ORIGIN, origin_id=letter.pk,
        )
        for letter in letters
        if isinstance(found := words[letter.pk], tuple)
    ]  # fmt: skip
    queued = {one.origin_id: one for one in queue_messages(drafts, now=now)}
    for letter in letters:
        address, answer = addresses.get(letter.client_id), queued.get(letter.pk)
        refused = answer is None or answer.state == Message.State.DROPPED
        changes[letter.pk] = {
            "message": answer.message_id if answer else None,
            "state": State.REFUSED if refused else State.ACCEPTED,
            "reason": (answer.reason if answer else str(words[letter.pk])) if refused else "",
            "postal_code": address.postal_code if address else "",
            "address": str(address or "")[:254],
        }
    update_rows(Letter, changes)
    done = run.job.done + len(letters)
    run.progress(done=done, checkpoint={"step": "judge"})


def _words(template: Template, letters: Sequence[Letter], now: datetime) -> dict[int, tuple[str, str] | str]:
    """Subject and text of each letter in its client's language, or the code of why they cannot be written."""
    today = local_today(settings.TIME_ZONE, now)
    terms = _terms(letters, today)
    same = Template.objects.filter(code=template.code, channel=Channel.LETTER, state=Template.State.APPROVED)
    by_language = {row.language: row for row in same}
    found: dict[int, tuple[str, str] | str] = {}
    for letter in letters:
        chosen = by_language.get(letter.client.language, template)
        values = _values(letter.client)
        term = terms.get(letter.client_id)
        if term is not None:
            values |= variables(term, language=chosen.language, phones={})
        try:
            found[letter.pk] = render(chosen.subject, values), render(chosen.body, values)
        except TextError:
            found[letter.pk] = NO_TERM if term is None else NO_VALUE
    return found


def _terms(letters: Sequence[Letter], today: Any) -> dict[int, Renewal]:
    """The term that each letter is about: the one it was begun for, else the client's nearest open one."""
    named = Renewal.objects.select_related(*_OF_TERM).in_bulk(
        [letter.renewal_id for letter in letters if letter.renewal_id]
    )
    terms = {letter.client_id: named[letter.renewal_id] for letter in letters if letter.renewal_id in named}
    rest = [letter.client_id for letter in letters if letter.client_id not in terms]
    nearest = (
        Renewal.objects.filter(client_id__in=rest, end_date__gte=today)
        .exclude(state__in=[Renewal.State.PAID, Renewal.State.LOST])
        .select_related(*_OF_TERM)
        .order_by("end_date", "id")
    )
    for term in nearest:
        terms.setdefault(term.client_id, term)
    return terms


def _values(client: Client) -> dict[str, str]:
    agent, centre = client.agent, client.centre
    centre_phone = format_phone(centre.phone) if centre else settings.SHORT_NUMBER
    return {
        "greeting": client.greeting,
        "client_name": client.name,
        "agent_name": str(agent) if agent else settings.COMPANY_NAME,
        "agent_phone": format_phone(agent.phone) if agent and agent.phone else centre_phone,
        "centre_phone": centre_phone,
        "company": settings.COMPANY_NAME,
        "short_number": settings.SHORT_NUMBER,
    }


def _number(run: Run, mailing: Mailing, now: datetime) -> None:
    """The place of each letter: by postcode, then by address, as the post sorts them."""
    rows = mailing.letters.filter(state=State.ACCEPTED).order_by("postal_code", "address", "client_id")
    numbers = {pk: {"number": number} for number, pk in enumerate(rows.values_list("pk", flat=True), 1)}
    update_rows(Letter, numbers)
    run.progress(done=0, total=len(numbers), checkpoint={"step": "print", "after": 0})


def _print(run: Run, mailing: Mailing, now: datetime) -> None:
    """The pages of the next letters, into a file of their own."""
    after = run.checkpoint["after"]
    letters = list(
        mailing.letters.filter(state=State.ACCEPTED, number__gt=after)
        .select_related("client__agent", "client__branch", "message")
        .order_by("number")[:PRINTED]
    )
    if not letters:
        run.progress(checkpoint={"step": "join"})
        return
    pages = _printed(mailing, letters, now)
    _save(_part(mailing, after), ContentFile(pages.pdf))
    update_rows(
        Letter,
        {letter.pk: {"pages": count} for letter, count in zip(letters, pages.pages, strict=True)},
    )
    last = letters[-1].number or 0
    run.progress(done=last, checkpoint={"step": "print", "after": last})


def _printed(mailing: Mailing, letters: Sequence[Letter], now: datetime) -> Any:
    addresses = postal_addresses({letter.client_id for letter in letters})
    sheets = []
    for letter in letters:
        client, address, message = letter.client, addresses.get(letter.client_id), letter.message
        sheets.append(
            Page(
                number=letter.number or 0,
                name=client.name,
                postal_code=letter.postal_code,
                city=address.city if address else "",
                street=address.street if address else letter.address,
                subject=message.subject if message else "",
                text=message.text if message else "",
                language=client.language if client.language in ("ru", "en") else "ru",
                branch=client.branch,
                agent=str(client.agent or ""),
            )
        )
    day = local_today(settings.TIME_ZONE, now)
    return printed(sheets, window=window_of(mailing.window), day=day)


def sample(mailing: Mailing, *, now: datetime, letter: Letter | None = None) -> bytes:
    """One letter of the mailing as it would be printed now: what the person who approves looks at."""
    rows = mailing.letters.select_related("client__agent", "client__branch", "client__centre", "message")
    found = letter or rows.order_by("number", "id").first()
    if found is None:
        return b""
    if found.message is None:
        words = _words(mailing.template, [found], now)[found.pk]
        subject, text = words if isinstance(words, tuple) else ("", str(words))
        found.message = Message(subject=subject, text=text)
        address = postal_addresses({found.client_id}).get(found.client_id)
        found.postal_code = address.postal_code if address else ""
    pdf: bytes = _printed(mailing, [found], now).pdf
    return pdf


def _join(run: Run, mailing: Mailing, now: datetime) -> None:
    """One file of all, and the parts away."""
    numbers = mailing.letters.filter(number__isnull=False).order_by("number").values_list("number", flat=True)
    count = len(numbers)
    names = [_part(mailing, after) for after in range(0, count, PRINTED)]
    name = ""
    if names:
        name = f"{_FOLDER}/{mailing.pk}.pdf"
        with ExitStack() as opened:
            _save(name, File(joined([opened.enter_context(default_storage.open(part)) for part in names])))
    mailing.state, mailing.made_at, mailing.file = Mailing.State.READY, now, name
    mailing.save(update_fields=["state", "made_at", "file"])
    run.progress(done=count, checkpoint={"step": "done"})


def _part(mailing: Mailing, after: int) -> str:
    return f"{_FOLDER}/{mailing.pk}-{after}.part.pdf"


def _forget_parts(mailing: Mailing) -> None:
    """The pages of the chunks, once there is the whole or nobody wants it."""
    if default_storage.exists(_FOLDER):
        for name in default_storage.listdir(_FOLDER)[1]:
            if name.startswith(f"{mailing.pk}-"):
                default_storage.delete(f"{_FOLDER}/{name}")


def _save(name: str, content: File) -> None:
    """Under exactly this name: what a run that was cut left there is written anew."""
    default_storage.delete(name)
    default_storage.save(name, content)


_STEPS = {"judge": _judge, "number": _number, "print": _print, "join": _join}

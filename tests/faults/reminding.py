"""A storm of kills upon processes that remind people: ``python -m tests.faults.reminding EVENTS KILLS``.

The product is loaded once and every victim is forked from it. Prints as JSON: the kills that hit a living process, events
reminded of, letters, those of which there is another number than one, and signals to pages beyond the reminders.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import timedelta


def make(count: int) -> None:
    """Events that start within the hour; everybody's reminder goes by e-mail and stands on the page."""
    person = User.objects.create_user(
        "a@prichal.example", first_name="Анна", last_name="Соколова", role="agent"
    )
    now = timezone.now()
    keep_for([person.pk], now=now)
    person.reminder_rules.update(by_email=True, by_push=False)
    long_ago = now - timedelta(days=1)
    Event.objects.bulk_create(
        Event(
            organiser=person, uid=f"u{number}", resource=f"u{number}", title=f"Звонок {number}", kind="call",
            starts_at=now + timedelta(minutes=50), ends_at=now + timedelta(minutes=55), time_zone="Europe/Moscow",
            until_at=now + timedelta(minutes=55), next_at=now + timedelta(minutes=50), timed_at=long_ago,
            created_at=long_ago, updated_at=long_ago,
        )
        for number in range(count)
    )  # fmt: skip


def born() -> int:
    """A process that reminds once and ends."""
    connections.close_all()
    child = os.fork()
    if not child:
        send_reminders(now=timezone.now())
        os._exit(0)
    return child


def storm(kills: int) -> int:
    dice, hits = random.Random("reminders"), 0
    for _ in range(kills):
        victim = born()
        time.sleep(dice.uniform(0.01, 0.2))
        os.kill(victim, signal.SIGKILL)
        hits += os.WIFSIGNALED(os.waitpid(victim, 0)[1])
    for last in [born(), born()]:
        assert os.waitpid(last, 0)[1] == 0
    return hits


def tell() -> list[int]:
    reminders = Counter(Reminder.objects.filter(event__isnull=False).values_list("event_id", flat=True))
    letters = Counter(Letter.objects.filter(subject__contains="Звонок").values_list("subject", flat=True))
    signals = Published.objects.filter(name="calendar.ReminderDue").count()
    wrong = [number for number in (*reminders.values(), *letters.values()) if number != 1]
    return [len(reminders), len(letters), len(wrong), signals - Reminder.objects.count()]


if __name__ == "__main__":
    import django

    django.setup()
    from django.db import connections
    from django.utils import timezone

    from clientela.foundation.outbox.models import Event as Published
    from clientela.modules.accounts.models import User
    from clientela.modules.calendar.models import Event, Letter, Reminder
    from clientela.modules.calendar.operations.reminding import keep_for, send_reminders

    make(int(sys.argv[1]))
    print(json.dumps([storm(int(sys.argv[2])), *tell()]))

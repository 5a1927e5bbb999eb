"""The sender of the calendar's letters: what the worker runs beside the channels."""

import logging
import random
import threading

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from django.utils import timezone

from clientela.foundation.resting import Rest
from clientela.modules.calendar.operations.letters import deliver_letters
from clientela.modules.contacts.ports import Transport, TransportDown
from clientela.modules.contacts.tasks import open_transport

log = logging.getLogger(__name__)

IDLE_SECONDS = 2.0
_BACKOFF = 15.0


def run_letters(stopping: threading.Event, worker: str, *, transport: Transport | None = None) -> None:
    """Send letters until ``stopping`` is set. The transport only sends: what comes is read by the channel's own."""
    transport = transport or open_transport("email")
    rest = Rest(stopping)
    try:
        while not stopping.is_set():
            try:
                close_old_connections()
                sent = deliver_letters(
                    transport, worker=worker, now=timezone.now(), lease=settings.CLAIM_LEASE
                )
            except (TransportDown, DatabaseError) as error:
                log.warning("calendar.letters_wait", extra={"detail": str(error)[:300]})
                connections.close_all()
                stopping.wait(_BACKOFF * random.uniform(0.8, 1.2))
                continue
            if not sent:
                rest.wait(IDLE_SECONDS)
    finally:
        transport.close()
        connections.close_all()

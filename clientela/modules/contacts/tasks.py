"""The sender of one channel: what the worker runs."""

import logging
import random
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from django.utils import timezone
from django.utils.module_loading import import_string

from clientela.foundation.claims import worker_name
from clientela.foundation.resting import Rest
from clientela.modules.contacts.operations.awaited import forget_secrets
from clientela.modules.contacts.operations.one_time_codes import forget_codes
from clientela.modules.contacts.operations.receipts import forget_early
from clientela.modules.contacts.operations.receiving import StoringInbox
from clientela.modules.contacts.operations.sending import BATCH, Batch, send, take
from clientela.modules.contacts.ports import Transport, TransportDown

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
_BACKOFF = (1.0, 60.0)
_TIDY_EVERY = timedelta(hours=1)


def open_transport(channel: str) -> Transport:
    """The transport that ``settings.TRANSPORTS`` names for ``channel``; it reads its own settings."""
    transport: Transport = import_string(settings.TRANSPORTS[channel])()
    return transport


def run_channel(
    channel: str, stop_event: threading.Event, *, batch: int = BATCH, transport: Transport | None = None
) -> None:
    """Send and receive until ``stop_event`` is set, whatever the network and the database do meanwhile.

    While a full batch is on the wire the next one is taken and judged.
    """
    transport = transport or open_transport(channel)
    transport.start(StoringInbox(channel))
    wire = ThreadPoolExecutor(1, thread_name_prefix=f"wire-{channel}")
    under_way: Future[None] = wire.submit(lambda: None)
    worker = worker_name()
    rest = Rest(stop_event)
    pause, longest = _BACKOFF
    tidied = timezone.now() - _TIDY_EVERY
    try:
        while not stop_event.is_set():
            now = timezone.now()
            try:
                close_old_connections()
                taken = take(channel, worker=worker, now=now, batch=batch)
                before, under_way = under_way, wire.submit(_send, taken, transport)
                before.result()
                if taken.claimed < batch:
                    under_way.result()
                if now - tidied >= _TIDY_EVERY:
                    forget_early(now=now)
                    forget_secrets(now=now)
                    forget_codes(now=now)
                    tidied = now
            except (TransportDown, DatabaseError) as error:
                log.warning("contacts.channel_down", extra={"channel": channel, "detail": str(error)[:300]})
                if isinstance(error, DatabaseError):
                    connections.close_all()
                stop_event.wait(pause * random.uniform(0.8, 1.2))
                pause = min(pause * 2, longest)
                continue
            pause = _BACKOFF[0]
            if not taken.claimed:
                rest.wait(IDLE_SECONDS)
    finally:
        wire.submit(connections.close_all)
        wire.shutdown()
        if fault := under_way.exception():
            log.warning("contacts.last_batch_failed", extra={"channel": channel, "detail": str(fault)[:300]})
        transport.close()
        connections.close_all()


def _send(taken: Batch, transport: Transport) -> None:
    if taken.judged:
        close_old_connections()
        send(taken, transport)

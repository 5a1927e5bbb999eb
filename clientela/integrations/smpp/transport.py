"""The SMS channel over SMPP: a thread with its own event loop behind the blocking port."""

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import smpp34

from clientela.integrations.smpp.batch import Batch
from clientela.integrations.smpp.client import OK, TEMPORARY_APP_ERROR, Session
from clientela.integrations.smpp.inbound import Assembler, Confirm, is_receipt, read_receipt
from clientela.integrations.smpp.link import Link
from clientela.integrations.smpp.settings import SmppSettings, read_settings
from clientela.modules.contacts.ports import (
    Channel,
    Inbox,
    IncomingMessage,
    OutgoingMessage,
    Receipt,
    SendResult,
    TransportDown,
)

logger = logging.getLogger(__name__)
T = TypeVar("T")

_LONGEST_BURST = 10  # milliseconds


class SmppTransport:
    """`Transport` over one SMPP session that is kept up in the background.

    Receipts and messages are confirmed to the SMSC only when the inbox has stored them.
    """

    channel: Channel = "sms"

    def __init__(self, settings: SmppSettings) -> None:
        self.settings = settings
        self._zone = ZoneInfo(settings.time_zone) if settings.time_zone else None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inbox: Inbox | None = None
        self._storing = ThreadPoolExecutor(1, thread_name_prefix="smpp-inbox")
        self._link = Link(settings, self._on_deliver)
        self._arrived: list[tuple[Session, smpp34.DeliverSm]] = []
        self._news = asyncio.Event()
        self._assembler = Assembler()
        self._window = asyncio.Semaphore(settings.window)
        self._next_submit = 0.0
        self._sending: set[asyncio.Task[Any]] = set()
        self._stopping = False

    @property
    def connected(self) -> bool:
        """Whether the account is bound now."""
        return self._link.bound

    # -- the port

    def start(self, inbox: Inbox) -> None:
        if self._thread is not None:
            raise RuntimeError("already started")
        self._inbox = inbox
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"smpp-{self.settings.host}", daemon=True)
        self._thread.start()

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        if self._thread is None:
            raise RuntimeError("start the transport first")
        return self._call(self._send(batch))

    def close(self) -> None:
        if self._thread is None or self._loop is None:
            return
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._thread = None
        self._storing.shutdown()

    # -- the thread

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _run(self) -> None:
        loop = self._loop
        assert loop is not None
        asyncio.set_event_loop(loop)
        self._tasks = [loop.create_task(self._link.keep()), loop.create_task(self._store_arrivals())]
        try:
            loop.run_forever()
        finally:
            loop.close()

    async def _stop(self) -> None:
        """Batches on their way are finished, what has come is stored and confirmed; what comes after that
        the SMSC keeps for the next bind.
        """
        if self._sending:
            await asyncio.wait(self._sending, timeout=self.settings.response_timeout)
        keeper, storer = self._tasks
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        self._stopping = True
        self._news.set()
        await storer
        await self._link.end()

    # -- out

    async def _send(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        batch = Batch(messages, sender=self.settings.sender)
        if batch.parts:
            task = asyncio.current_task()
            assert task is not None
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
            await self._submit(batch, await self._link.ready())
            if not batch.attempted:
                raise TransportDown("the link was lost before the first message")
        return batch.results()

    async def _submit(self, batch: Batch, session: Session) -> None:
        while due := batch.due():
            answers: list[asyncio.Future[tuple[int, str]]] = []
            for part in due:
                await self._pace()
                if not await self._room():
                    break
                if not session.alive:
                    self._window.release()
                    break
                answer = session.submit(part.destination, part.body, **part.fields)
                part.submitted()
                answers.append(answer)
                answer.add_done_callback(part.answered)
                answer.add_done_callback(self._answered)
            if not answers:
                return
            _, late = await asyncio.wait(answers, timeout=self.settings.response_timeout)
            for answer in late:
                session.forget(answer)
                answer.cancel()
            if len(answers) < len(due):
                return

    async def _room(self) -> bool:
        """Waits for a place in the window; false when the SMSC has stopped answering."""
        if not self._window.locked():
            return await self._window.acquire()
        try:
            async with asyncio.timeout(self.settings.response_timeout):
                await self._window.acquire()
        except TimeoutError:
            return False
        return True

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        wait = self._next_submit - loop.time()
        if wait > 0.002:
            await asyncio.sleep(wait)
        if self.settings.tps:
            self._next_submit = max(loop.time(), self._next_submit) + 1 / self.settings.tps

    def _answered(self, answer: asyncio.Future[tuple[int, str]]) -> None:
        self._window.release()
        if not answer.cancelled() and not answer.exception() and Batch.is_throttled(answer.result()[0]):
            later = answer.get_loop().time() + self.settings.throttle_pause
            self._next_submit = max(self._next_submit, later)

    # -- in

    def _on_deliver(self, session: Session, pdu: smpp34.DeliverSm) -> None:
        self._arrived.append((session, pdu))
        self._news.set()

    async def _store_arrivals(self) -> None:
        while not self._stopping:
            try:
                async with asyncio.timeout(1 if self._assembler.busy else None):
                    await self._news.wait()
            except TimeoutError:
                logger.debug("smpp.waiting_for_parts")
            await self._gather()
            self._news.clear()
            await self._store()

    async def _gather(self) -> None:
        """Storing costs much the same for one receipt and for fifty: what comes together is stored together."""
        for _ in range(_LONGEST_BURST):
            seen = len(self._arrived)
            await asyncio.sleep(0.001)
            if len(self._arrived) == seen:
                return

    async def _store(self) -> None:
        arrived, self._arrived = self._arrived, []
        now = datetime.now(UTC)
        receipts: list[tuple[Receipt | None, list[Confirm]]] = []
        incoming: list[tuple[IncomingMessage, list[Confirm]]] = []
        for session, pdu in arrived:
            confirm = partial(session.confirm, pdu.sequence_number)
            if is_receipt(pdu):
                receipts.append((self._read(pdu, now), [confirm]))
            elif whole := self._assembler.add(pdu, confirm, now):
                incoming.append(whole)
        incoming += self._assembler.overdue(now)
        assert self._inbox is not None
        await self._hand_over(self._inbox.receipts, receipts)
        await self._hand_over(self._inbox.incoming, incoming)

    def _read(self, pdu: smpp34.DeliverSm, now: datetime) -> Receipt | None:
        decimal = self.settings.receipt_ids_in_decimal
        return read_receipt(pdu, now=now, smsc_time=self._zone, ids_in_decimal=decimal)

    async def _hand_over(
        self, store: Callable[[list[T]], None], news: Sequence[tuple[T | None, list[Confirm]]]
    ) -> None:
        """Store all at once; when that fails, one by one, so that one bad item does not stop the rest."""
        if not news:
            return
        items = [item for item, _ in news if item is not None]
        status = OK
        try:
            if items:
                await asyncio.get_running_loop().run_in_executor(self._storing, store, items)
        except Exception:
            logger.exception("smpp.not_stored", extra={"count": len(items)})
            if len(news) > 1:
                for one in news:
                    await self._hand_over(store, [one])
                return
            status = TEMPORARY_APP_ERROR
        for _, confirms in news:
            for confirm in confirms:
                confirm(status)


def from_environment(environment: Mapping[str, str] = os.environ) -> SmppTransport:
    """The transport that `settings.read_settings` describes."""
    return SmppTransport(read_settings(environment))

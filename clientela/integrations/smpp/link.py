"""Keeps one account bound: connects, watches, comes back after a pause that grows."""

import asyncio
import logging
import random
import ssl
from collections.abc import Callable

import smpp34

from clientela.integrations.smpp.client import LinkLost, Refused, Session
from clientela.integrations.smpp.settings import SmppSettings
from clientela.modules.contacts.ports import TransportDown

logger = logging.getLogger(__name__)

_UNBIND_WAIT = 2.0


class Link:
    """The account's session, whichever it is now. `keep` runs for as long as the link is wanted."""

    def __init__(
        self, settings: SmppSettings, on_deliver: Callable[[Session, smpp34.DeliverSm], None]
    ) -> None:
        self._settings = settings
        self._on_deliver = on_deliver
        self._session: Session | None = None
        self._bound = asyncio.Event()
        self._trouble = "not connected yet"

    @property
    def bound(self) -> bool:
        return self._bound.is_set() and self._session is not None and self._session.alive

    async def ready(self) -> Session:
        """The bound session. Raises `TransportDown` when there is none in time."""
        try:
            async with asyncio.timeout(self._settings.connect_wait):
                while True:
                    await self._bound.wait()
                    if self._session is not None and self._session.alive:
                        return self._session
                    self._bound.clear()  # lost just now; `keep` sets it again
        except TimeoutError:
            raise TransportDown(self._trouble) from None

    async def keep(self) -> None:
        first, longest = self._settings.backoff
        pause = first
        while True:
            try:
                session = await self._connect()
            except (OSError, Refused, TimeoutError) as error:
                self._trouble = f"{type(error).__name__}: {error}"
                logger.warning("smpp.connect_failed", extra={"detail": self._trouble})
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                pause = min(pause * 2, longest)
                continue
            pause = first
            self._bound.set()
            try:
                await self._watch(session)
            finally:
                self._bound.clear()
            self._trouble = "the link was lost"
            logger.warning("smpp.link_lost")
            await asyncio.sleep(first)

    async def end(self) -> None:
        """Say goodbye, so that the SMSC keeps what it still has for us."""
        session = self._session
        if session is None or not session.alive:
            return
        try:
            async with asyncio.timeout(_UNBIND_WAIT):
                await session.unbind()
        except (TimeoutError, LinkLost, Refused):
            logger.info("smpp.unbind_unanswered")
        session.close()
        await asyncio.wait([session.lost], timeout=1)

    async def _connect(self) -> Session:
        settings = self._settings
        context = ssl.create_default_context() if settings.tls else None
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(settings.response_timeout):
            _, session = await loop.create_connection(
                lambda: Session(self._on_deliver), settings.host, settings.port, ssl=context
            )
            try:
                await session.bind(settings.system_id, settings.password, settings.system_type)
            except BaseException:
                session.close()
                raise
        self._session = session
        return session

    async def _watch(self, session: Session) -> None:
        """Returns when the link is lost, or after a question of ours that got no answer."""
        while session.alive:
            done, _ = await asyncio.wait([session.lost], timeout=self._settings.enquire_interval)
            if done:
                return
            try:
                # Not wait_for: in Python 3.11 it may swallow the cancellation that ends this task.
                async with asyncio.timeout(self._settings.response_timeout):
                    await session.enquire()
            except (TimeoutError, LinkLost, Refused):
                session.close()

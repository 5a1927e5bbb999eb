"""Work for many lines in a few threads: one piece at a time for one line, in the order it came."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Lanes:
    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._waiting: dict[str, deque[Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self._empty = threading.Condition(self._lock)

    def put(self, lane: str, work: Callable[[], None]) -> None:
        """Do `work` after everything that was put into the same lane before. It must not raise."""
        with self._lock:
            busy = lane in self._waiting
            self._waiting.setdefault(lane, deque()).append(work)
            if not busy:
                self._pool.submit(self._run, lane)

    def drain(self, seconds: float | None = None) -> bool:
        """Wait until nothing waits; false when it took longer."""
        with self._lock:
            return self._empty.wait_for(lambda: not self._waiting, seconds)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _run(self, lane: str) -> None:
        with self._lock:
            work = self._waiting[lane][0]
        try:
            work()
        finally:
            with self._lock:
                queue = self._waiting[lane]
                queue.popleft()
                if queue:
                    self._pool.submit(self._run, lane)
                else:
                    del self._waiting[lane]
                    if not self._waiting:
                        self._empty.notify_all()

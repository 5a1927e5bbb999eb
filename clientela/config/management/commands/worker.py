"""``manage.py worker``: deliver events, run jobs, dispatch touches and send messages until told to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from clientela.config.worker import Worker


class Command(BaseCommand):
    help = "Deliver events, run jobs, dispatch touches and send messages."
    # They load every page and operation; ``prepare`` and ``migrate`` have run them.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        worker = Worker()
        worker.start()
        self.stdout.write("worker ready")
        self.stdout.flush()
        ended.wait()
        worker.stop()

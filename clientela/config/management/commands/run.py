"""``manage.py run``: the whole product with one command: pages, live updates, and the worker with its scheduler."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

RESTART_SECONDS = 1
STOP_SECONDS = 12


@dataclass
class Child:
    """One process of the product; it is started again if it dies by itself."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=os.environ.copy(), start_new_session=True)  # noqa: S603

    @property
    def dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None


class Command(BaseCommand):
    help = "Run pages, live updates and the worker; with --demo on a demo company."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo company on first start")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--clients", type=int, default=50_000, help="clients of the demo company")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if options["demo"]:
            os.environ["CLIENTELA_DEMO"] = "1"
            settings.DEMO = True
        os.environ.setdefault("CLIENTELA_PUBLIC_URL", f"http://{host}:{port}")
        os.environ.setdefault("CLIENTELA_LIVE_URL", f"http://{host}:{port + 1}/live/")
        self._prepare(options)
        children = [
            Child("web", self._granian("wsgi", "clientela.config.wsgi:application", host, port)),
            Child("live", self._granian("asgi", "clientela.config.live:application", host, port + 1)),
            Child("worker", [sys.executable, "manage.py", "worker"]),
        ]
        stopping: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda n, _frame: stopping.append(n))
        for child in children:
            child.start()
        self._welcome(host, port, demo=options["demo"])
        try:
            while not stopping:
                time.sleep(0.2)
                for child in children:
                    if child.dead and not stopping:
                        self.stderr.write(f"{child.name} ended, starting it again")
                        time.sleep(RESTART_SECONDS)
                        child.start()
        finally:
            self._stop(children)

    def _granian(self, interface: str, target: str, host: str, port: int) -> list[str]:
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            interface,
            "--host",
            host,
            "--port",
            str(port),
        ]
        command += ["--workers", "1", "--log-level", "warning", "--workers-kill-timeout", "2"]
        if interface == "wsgi":
            command += ["--blocking-threads", "4"]
        return [*command, target]

    def _prepare(self, options: dict[str, Any]) -> None:
        if MigrationExecutor(connection).migration_plan(
            MigrationExecutor(connection).loader.graph.leaf_nodes()
        ):
            self.stdout.write("Creating the database …")
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
        bundle = settings.ROOT / "clientela/foundation/ui/static/ui/app.js"
        manifest = settings.STATIC_ROOT / "staticfiles.json"
        if not bundle.exists():
            raise CommandError("The bundle is not built. Run `make run`, which builds it.")
        if not manifest.exists() or manifest.stat().st_mtime < bundle.stat().st_mtime:
            call_command("collectstatic", interactive=False, verbosity=0)
        if options["demo"]:
            from clientela.modules.clients.models import Client

            if not Client.objects.exists():
                self.stdout.write("Loading the demo company …")
                call_command("load_demo", clients=options["clients"])
        connection.close()

    def _welcome(self, host: str, port: int, *, demo: bool) -> None:
        self.stdout.write(self.style.SUCCESS(f"\nClientela: http://{host}:{port}/"))
        if demo:
            call_command("demo_signins")
        self.stdout.write("Ctrl-C stops everything.\n")
        self.stdout.flush()
        connection.close()

    def _stop(self, children: list[Child]) -> None:
        for child in children:
            if child.process and child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()

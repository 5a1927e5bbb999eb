"""Encrypt all personal data with the first key of the ring, so that the others can be dropped."""

from argparse import ArgumentParser
from time import sleep
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext_noop

from clientela.foundation import keyring
from clientela.foundation.claims import worker_name
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import resume, run_next
from clientela.foundation.rotation import begin_rotation, models_with_secrets, waiting

TITLE = gettext_noop("Encrypt personal data with the new key")


class Command(BaseCommand):
    help = "Encrypt all personal data with the first key of CLIENTELA_DATA_KEYS; cut off, it goes on where it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only tell what is not under the first key")
        parser.add_argument("--queue", action="store_true", help="leave the work to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        job = begin_rotation(title=TITLE, now=timezone.now())
        if job.state == Job.State.PAUSED:
            resume(job, now=timezone.now())
        if options["queue"]:
            self.stdout.write(f"job {job.pk} is queued")
            return
        while not run_next(worker=worker_name(), now=timezone.now(), lease=settings.CLAIM_LEASE, only=job.pk):
            job.refresh_from_db()
            if job.state not in {Job.State.QUEUED, Job.State.RUNNING}:
                break
            sleep(0.5)
        job.refresh_from_db()
        if job.state != Job.State.DONE:
            raise CommandError(f"the work ended as {job.state}\n{job.error}")
        self.stdout.write(f"{job.result['sealed']} rows are under the key {job.result['key']!r} now")
        self._check()

    def _check(self) -> None:
        names = [key.name for key in keyring.ring()]
        left = {model._meta.label: number for model in models_with_secrets() if (number := waiting(model))}
        for label, number in left.items():
            self.stdout.write(f"{label}: {number} rows not under the key {names[0]!r}")
        if left:
            raise CommandError("keep every key of the ring: something is still under an older one")
        others = ", ".join(names[1:])
        self.stdout.write(
            f"nothing needs another key than {names[0]!r}" + (f": drop {others}" if others else "")
        )

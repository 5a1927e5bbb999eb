"""Import, check or undo a file from the command line: the same way as the wizard and the API."""

from argparse import ArgumentParser
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clientela.foundation.claims import worker_name
from clientela.foundation.imports import operations
from clientela.foundation.imports.definition import InvalidMapping
from clientela.foundation.imports.models import ImportRun, Mapping
from clientela.foundation.imports.queries import error_groups
from clientela.foundation.imports.reading import UnreadableFile
from clientela.foundation.imports.targets import InvalidAnswers, all_targets, get_target
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next


class Command(BaseCommand):
    help = "Import a CSV or spreadsheet by a saved mapping; repeat it, check it with --dry-run, undo it with --undo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", help="the file")
        parser.add_argument("--mapping", help="code of a saved mapping; without it the columns are guessed")
        parser.add_argument("--target", default="portfolio", help="what the file holds, without --mapping")
        parser.add_argument("--source", help="name of the system the file comes from")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--errors", help="where to write the rows that were not taken (.csv or .xlsx)")
        parser.add_argument("--chunk", type=int, help="rows in one transaction")
        parser.add_argument("--undo", type=int, metavar="RUN", help="undo this import")
        parser.add_argument("--resume", type=int, metavar="RUN", help="go on with this import after a crash")
        for option in {option.code: option for target in all_targets() for option in target.options}.values():
            parser.add_argument(f"--{option.code}", help=str(option.label))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["undo"]:
            self._undo(options["undo"])
        elif options["resume"]:
            self._resume(options["resume"], options)
        elif options["path"]:
            self._import(options)
        else:
            raise CommandError("give a file, --undo RUN or --resume RUN")

    def _import(self, options: dict[str, Any]) -> None:
        operations.ship_mappings()
        path, begun = Path(options["path"]), monotonic()
        if not path.is_file():
            raise CommandError(f"{path} is no file")
        mapping = None
        if options["mapping"]:
            mapping = Mapping.objects.filter(code=options["mapping"]).first()
            if mapping is None:
                known = ", ".join(Mapping.objects.values_list("code", flat=True))
                raise CommandError(f"there is no mapping {options['mapping']}; known are: {known}")
        code = mapping.target if mapping else options["target"]
        now = timezone.now()
        try:
            with path.open("rb") as source:
                run = operations.start_run(
                    actor=None, now=now, target=code, file=File(source), file_name=path.name, mapping=mapping
                )
            answers = {option.code: options[option.code] or "" for option in get_target(code).options}
            operations.set_definition(
                actor=None, now=now, run=run, definition=run.mapping["definition"],
                answers={**run.answers, **{key: value for key, value in answers.items() if value}},
                source=options["source"] or run.source, code=run.mapping.get("code", ""),
            )  # fmt: skip
        except UnreadableFile as error:
            raise CommandError(f"{path.name} cannot be read: {error}") from error
        except (InvalidMapping, InvalidAnswers) as error:
            details = error.errors if isinstance(error.errors, dict) else dict(enumerate(error.errors, 1))
            raise CommandError("; ".join(f"{key}: {value}" for key, value in details.items())) from error
        read = monotonic() - begun
        self.stdout.write(f"run {run.pk}: {run.rows} rows read in {read:.2f} s")
        extra = {"chunk": options["chunk"]} if options["chunk"] else {}
        ask = operations.request_check if options["dry_run"] else operations.request_run
        self._work(ask(actor=None, now=timezone.now(), run=run, **extra))
        self._report(run.pk, begun, options)

    def _resume(self, pk: int, options: dict[str, Any]) -> None:
        run, begun = self._run(pk), monotonic()
        job = run.job
        if job is None or job.state in {Job.State.DONE, Job.State.CANCELLED}:
            raise CommandError(f"run {pk} has nothing to go on with")
        if job.state in {Job.State.PAUSED, Job.State.FAILED}:
            operations.resume_run(actor=None, now=timezone.now(), run=run)
        self._work(job)
        self._report(pk, begun, options)

    def _undo(self, pk: int) -> None:
        run, begun = self._run(pk), monotonic()
        try:
            job = operations.request_undo(actor=None, now=timezone.now(), run=run)
        except operations.NotNow as error:
            raise CommandError(f"run {pk} is {error.state}: it cannot be undone now") from error
        self._work(job)
        run.refresh_from_db()
        report = run.undo_result
        for name, number in report["deleted"].items():
            self.stdout.write(f"{name}: {number} removed, {report['kept'].get(name, 0)} kept")
        self.stdout.write(
            f"values put back: {report['restored']}, left as people changed them: {report['left']}"
        )
        for reason, number in report.get("reasons", {}).items():
            self.stdout.write(f"kept because of {reason.replace('|', ': ')}: {number}")
        self.stdout.write(f"run {pk}: {run.state} in {monotonic() - begun:.2f} s")

    def _run(self, pk: int) -> ImportRun:
        run = ImportRun.objects.select_related("job").filter(pk=pk).first()
        if run is None:
            raise CommandError(f"there is no run {pk}")
        return run

    def _work(self, job: Job) -> None:
        """Do the job here and now; if a worker was quicker, wait for it."""
        while not run_next(worker=worker_name(), now=timezone.now(), lease=settings.CLAIM_LEASE, only=job.pk):
            job.refresh_from_db()
            if job.state not in {Job.State.QUEUED, Job.State.RUNNING}:
                break
            sleep(0.5)
        job.refresh_from_db()
        if job.state != Job.State.DONE:
            raise CommandError(f"the work ended as {job.state}\n{job.error}")

    def _report(self, pk: int, begun: float, options: dict[str, Any]) -> None:
        run = self._run(pk)
        counts = run.check_result if options["dry_run"] else run.counts
        seconds = monotonic() - begun
        for name, number in counts.items():
            if isinstance(number, int):
                self.stdout.write(f"{name}: {number}")
        for group in error_groups(run):
            kind = "not taken" if group["fatal"] else "warning"
            self.stdout.write(
                f"{kind}: {group['title']} ({group['label'] or group['field']}): {group['count']}"
            )
        if options["errors"]:
            path = Path(options["errors"])
            with path.open("wb") as sink:
                written = operations.write_error_file(
                    run, sink, kind="xlsx" if path.suffix == ".xlsx" else "csv"
                )
            self.stdout.write(f"{path}: {written} rows")
        self.stdout.write(
            f"run {pk}: {run.rows} rows in {seconds:.2f} s, {(run.rows or 0) / seconds:,.0f} rows/s"
        )

"""Choosing what each column is, and keeping that for the next file of the same layout."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from clientela.foundation.audit.operations import record
from clientela.foundation.imports.definition import parse
from clientela.foundation.imports.models import ImportRun, Mapping
from clientela.foundation.imports.operations.doors import ensure
from clientela.foundation.imports.targets import all_targets, get_target

EDITABLE = (ImportRun.State.MAPPING, ImportRun.State.CHECKED)


class NotEditable(Exception):
    """The file is being checked or loaded, or was loaded: its mapping cannot change any more."""


def set_definition(
    *,
    actor: Any,
    now: datetime,
    run: ImportRun,
    definition: dict[str, Any],
    answers: dict[str, str],
    source: str,
    code: str = "",
) -> ImportRun:
    """Fix how the file is read. Raises ``InvalidMapping``, ``InvalidAnswers`` or ``NotEditable``; then nothing changes."""
    ensure(actor)
    if run.state not in EDITABLE:
        raise NotEditable
    target = get_target(run.target)
    parse(definition, target, tuple(run.options.get("columns", ())))
    cleaned = target.clean_answers(answers, actor=actor)
    run.mapping = {**run.mapping, "definition": definition, "code": code}
    run.answers, run.source = cleaned, (source.strip() or run.source)[:60]
    run.state, run.check_result = ImportRun.State.MAPPING, {}
    run.save(update_fields=["mapping", "answers", "source", "state", "check_result"])
    return run


@transaction.atomic
def save_mapping(*, actor: Any, now: datetime, run: ImportRun, name: str) -> Mapping:
    """Keep the run's mapping under ``name``, replacing an own one of that name; its headings make it come up again."""
    ensure(actor)
    definition = {**run.mapping["definition"], "headers": list(run.options.get("columns", ()))}
    definition["answers"] = {key: value for key, value in run.answers.items() if key == "existing"}
    code = (slugify(name, allow_unicode=True) or f"mapping-{run.pk}")[:60]
    if Mapping.objects.filter(code=code, shipped=True).exists():
        code = f"{code[:50]}-{run.pk}"
    mapping, created = Mapping.objects.update_or_create(
        code=code,
        defaults={"target": run.target, "name": name[:120], "source": run.source, "definition": definition,
                  "created_by": actor},
    )  # fmt: skip
    record(actor=actor, now=now, action="mapping.saved" if created else "mapping.changed", obj=mapping)
    return mapping


@transaction.atomic
def forget_mapping(*, actor: Any, now: datetime, mapping: Mapping) -> None:
    """Delete a saved mapping. Shipped ones come back with the next upgrade, so they stay."""
    ensure(actor)
    if mapping.shipped:
        raise NotEditable
    record(actor=actor, now=now, action="mapping.deleted", obj=mapping)
    mapping.delete()


def ship_mappings() -> int:
    """Bring the mappings that come with the product into the base; returns how many there are."""
    count = 0
    for target in all_targets():
        for raw in target.mappings:
            parse(raw, target)
            Mapping.objects.update_or_create(
                code=raw["code"],
                defaults={"target": target.code, "name": raw["name"], "source": raw["source"], "definition": raw,
                          "shipped": True},
            )  # fmt: skip
            count += 1
    return count

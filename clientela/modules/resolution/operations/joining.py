"""Making one without a person, by rules that are data: shown before they are in force, and taken back as a whole."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from clientela.foundation.audit.operations import record
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.clients import golden
from clientela.modules.clients.models import Client, Merge
from clientela.modules.clients.operations import OutdatedVersion
from clientela.modules.clients.operations.merging import CannotMerge, merge_clients
from clientela.modules.resolution.models import JoinRules, JoinRun, Pair
from clientela.modules.resolution.operations.deciding import take_back
from clientela.modules.resolution.operations.grouping import source_kinds, told_apart
from clientela.modules.resolution.rules import connected

JOIN, UNDO = "resolution.join", "resolution.unjoin"
# Below this, rules may not decide.
LEAST, USUAL = 0.95, 0.999
# So many pairs one run or one preview looks at; the next run takes the others.
MOST = 20_000
State = Pair.State


class WrongJoinRules(Refusal):
    """The rules do not say what may be joined."""

    message = _(
        "The probability is from 95 % up to but not including 100 %, and one source at least is marked."
    )


class NotLookedAt(Refusal):
    """Rules go in force only after somebody saw what they would do."""

    message = _("Look first at what these rules would join, then switch them on.")


@dataclass
class Plan:
    """What rules would join: groups of cards; ``left`` counts the pairs that stay for people, by reason."""

    groups: list[tuple[int, ...]] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)

    @property
    def gone(self) -> int:
        """How many cards there would be fewer."""
        return sum(len(group) - 1 for group in self.groups)


def current_join_rules() -> JoinRules:
    """The newest version; before the first one nothing is joined. Not saved then."""
    return JoinRules.objects.first() or JoinRules(on=False, threshold=USUAL, sources=[])


@transaction.atomic
def set_join_rules(
    *, actor: Any, now: datetime, on: bool, threshold: float, sources: Collection[str], note: str = "", seen: str = ""
) -> JoinRules:  # fmt: skip
    """A new version, in force at once. ``seen``: ``told`` of the rules whose plan the person has seen.

    Raises ``WrongJoinRules``, ``NotLookedAt``, PermissionDenied.
    """
    ensure(actor, Permission.CLIENTS_MERGE)
    ensure(actor, Permission.ORGANISATION_WRITE)
    kinds = [code for code in golden.SOURCES if code in sources]
    if not LEAST <= threshold < 1 or (on and not kinds):
        raise WrongJoinRules
    if on and seen != told(threshold, kinds):
        raise NotLookedAt
    before = current_join_rules()
    version = JoinRules.objects.create(
        on=on, threshold=threshold, sources=kinds, note=note.strip()[:200], made_at=now, made_by=actor
    )
    pairs = {name: [getattr(before, name), getattr(version, name)] for name in ("on", "threshold", "sources")}
    changes = {name: both for name, both in pairs.items() if both[0] != both[1]}
    record(actor=actor, now=now, action="client.join_rules", obj=version, object_name=str(version.pk), changes=changes, reason=version.note)  # fmt: skip
    if on:
        queue_joining(now)
    return version


def told(threshold: float, sources: Iterable[str]) -> str:
    """What of rules decides what they join, as one word."""
    return f"{threshold:.8f} {' '.join(sorted(sources))}"


def plan(*, threshold: float, sources: Collection[str]) -> Plan:
    """What would be joined of the pairs that are open now.

    Both cards come from a source that may be joined; nobody took a decision about the pair back; of three cards and more
    each two are such a pair; and people have said of no two that they are different.
    """
    found = Plan()
    rows = Pair.objects.open().filter(probability__gte=threshold).order_by("-probability", "id")
    pairs = list(rows.values_list("pk", "low_card", "high_card", "left_to_people")[:MOST])
    kinds = source_kinds(card for _pk, *both, _left in pairs for card in both)
    good: dict[tuple[int, int], int] = {}
    for pk, low, high, left in pairs:
        if low not in kinds or high not in kinds:
            continue
        if left:
            found.left["people"] += 1
        elif kinds[low] not in sources or kinds[high] not in sources:
            found.left["source"] += 1
        else:
            good[low, high] = pk
    groups = connected(good)
    apart = told_apart(groups)
    for group in groups:
        inside = [good[pair] for pair in _each_two(group) if pair in good]
        if group in apart:
            found.left["apart"] += len(inside)
        elif len(inside) < len(group) * (len(group) - 1) // 2:
            found.left["chain"] += len(inside)
        else:
            found.groups.append(group)
            found.pairs.extend(inside)
    return found


def _each_two(group: tuple[int, ...]) -> Iterable[tuple[int, int]]:
    return ((low, high) for place, low in enumerate(group) for high in group[place + 1 :])


def queue_joining(now: datetime) -> None:
    """A run by the rules, if they are in force and none waits."""
    if not current_join_rules().on:
        return
    with transaction.atomic():
        one_at_a_time(JOIN)
        if not Job.objects.filter(kind=JOIN, state=Job.State.QUEUED).exists():
            enqueue(kind=JOIN, title=gettext_noop("Join certain duplicates by the rules"), now=now)


def join_certain(run: Run, *, now: datetime) -> dict[str, Any]:
    """Join what the rules in force let join: a group a transaction, so that a crash leaves no group half joined.

    Taken over after a crash, the run goes on with what is still open.
    """
    rules = current_join_rules()
    if not rules.on:
        return {"joined": 0}
    work, _made = JoinRun.objects.get_or_create(job=run.job.pk, defaults={"rules": rules, "started_at": now})
    what = plan(threshold=rules.threshold, sources=rules.sources)
    for done, group in enumerate(what.groups, 1):
        run.check()
        if not _joined(work, rules, group, now):
            what.left["refused"] += 1
        run.progress(done=done, total=len(what.groups), force=False)
    joined = work.pairs.values("merge").distinct().count()
    if not joined:
        work.delete()
    else:
        JoinRun.objects.filter(pk=work.pk).update(finished_at=now, left=dict(what.left))
    return {"joined": joined, "left": dict(what.left)}


def _joined(work: JoinRun, rules: JoinRules, group: tuple[int, ...], now: datetime) -> bool:
    try:
        with transaction.atomic():
            merges = join_group(actor=None, now=now, cards=group, kept=group[0], join_run=work)
            for merge in merges:
                kept = Client.objects.get(pk=merge.kept_card)
                changes = {"card": [merge.gone_card, merge.kept_card], "rules": [None, rules.pk]}
                record(actor=None, now=now, action="client.joined_by_rules", obj=kept, changes=changes)
    except (CannotMerge, OutdatedVersion):
        return False
    return True


@transaction.atomic
def join_group(
    *, actor: Any, now: datetime, cards: Collection[int], kept: int, note: str = "", join_run: JoinRun | None = None
) -> list[Merge]:  # fmt: skip
    """All these cards become the card ``kept``, by the rules of the golden record; their pairs are decided.

    Raises ``CannotMerge`` where people have told two of them apart or somebody was quicker, ``NotAllowed``.
    """
    group = tuple(sorted(set(cards)))
    if kept not in group or len(group) < 2:
        raise CannotMerge(_("Choose one of the cards to stay."))
    inside = Pair.objects.select_for_update().filter(low_card__in=group, high_card__in=group).order_by("pk")
    pairs = list(inside)
    if told_apart([group]):
        raise CannotMerge(_("Of two of these cards somebody has said that they are different clients."))
    here = Client.objects.in_bulk(list(group))
    open_pairs = [(pair.low_card, pair.high_card) for pair in pairs if pair.state == State.OPEN]
    if len(here) < len(group) or connected(open_pairs) != [group]:
        raise CannotMerge(_("Somebody has decided about these cards already."))
    merges: dict[int, Merge] = {}
    for card in group:
        if card != kept:
            stays = Client.objects.get(pk=kept)
            merges[card] = merge_clients(actor=actor, now=now, kept=stays, gone=here[card], note=note)
    for pair in pairs:
        if pair.state == State.OPEN:
            # Two cards are one from the later of their merges on.
            ends = [merges[card] for card in (pair.low_card, pair.high_card) if card in merges]
            pair.merge = max(ends, key=lambda merge: merge.pk)
            pair.state, pair.decided_by, pair.decided_at, pair.join_run = State.MERGED, actor, now, join_run
            pair.save(update_fields=["merge", "state", "decided_by", "decided_at", "join_run"])
    return list(merges.values())


@transaction.atomic
def part_group(*, actor: Any, now: datetime, pair: Pair) -> int:
    """All cards that were joined in one go with this pair are there again; returns how many came back.

    Raises ``CannotSeparate``, ``NotAllowed``.
    """
    row = Pair.objects.select_for_update().get(pk=pair.pk)
    if row.merge is None:
        raise CannotMerge(_("Somebody has decided about these cards already."))
    same = Merge.objects.in_force().filter(kept_card=row.merge.kept_card, made_at=row.merge.made_at)
    parted = 0
    for merge in same.order_by("-pk"):
        one = Pair.objects.filter(merge=merge).first()
        if one is not None:
            take_back(actor=actor, now=now, pair=one)
            parted += 1
    return parted


@transaction.atomic
def undo_joins(*, actor: Any, now: datetime, join_run: int) -> JoinRun:
    """Ask for the un-merging of all that one run joined; a job does it. Raises PermissionDenied."""
    ensure(actor, Permission.CLIENTS_MERGE)
    ensure(actor, Permission.ORGANISATION_WRITE)
    work = JoinRun.objects.select_for_update().get(pk=join_run)
    if work.undo_asked_at is None:
        work.undo_asked_at, work.undo_asked_by = now, actor
        work.save(update_fields=["undo_asked_at", "undo_asked_by"])
        record(actor=actor, now=now, action="client.joins_undone", obj=work, object_name=str(work.pk))
        args = {"run": work.pk, "actor": actor.pk}
        enqueue(kind=UNDO, title=gettext_noop("Take automatic joins back"), now=now, args=args, actor=actor)
    return work


def take_joins_back(run: Run, *, now: datetime) -> dict[str, Any]:
    """Part what a run joined, the last merge first; what people have built upon since is left and counted."""
    actor = User.objects.filter(pk=run.args["actor"]).first()
    if actor is None:
        raise PermissionDenied
    work = JoinRun.objects.get(pk=run.args["run"])
    rows = Pair.objects.filter(join_run=work, state=State.MERGED).order_by("-merge_id", "-pk")
    done = left = 0
    for number in list(rows.values_list("pk", flat=True)):
        run.check()
        pair = rows.filter(pk=number).first()
        if pair is None:  # open again with another pair of the same merge
            continue
        try:
            take_back(actor=actor, now=now, pair=pair)
        except (CannotMerge, PermissionDenied):
            left += 1
        else:
            done += 1
        run.progress(parts={"done": done, "left": left}, force=False)
    JoinRun.objects.filter(pk=work.pk).update(undone_at=now)
    return {"done": done, "left": left}

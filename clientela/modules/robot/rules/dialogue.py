"""A dialogue as data: nodes, what they say, what answers lead where."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BadDialogue(ValueError):
    """What is given is no dialogue; the message says where."""

    def __init__(self, message: str | Promise, *, node: str = "", field: str = "") -> None:
        super().__init__(str(message))
        self.node, self.field = node, field


class Meaning(TextChoices):
    """What a client's answer means, whatever the words."""

    YES = "yes", pgettext_lazy("answer", "Yes")
    NO = "no", pgettext_lazy("answer", "No")
    LATER = "later", pgettext_lazy("answer", "Later")
    ALREADY_RENEWED = "already_renewed", pgettext_lazy("answer", "Already renewed")
    ELSEWHERE = "elsewhere", pgettext_lazy("answer", "Insured elsewhere")
    TOO_DEAR = "too_dear", pgettext_lazy("answer", "Too dear")
    SOLD = "sold", pgettext_lazy("answer", "Sold it")
    LOAN_CLOSED = "loan_closed", pgettext_lazy("answer", "Loan is closed")
    WRONG_PERSON = "wrong_person", pgettext_lazy("answer", "Wrong person")
    THIRD_PARTY = "third_party", pgettext_lazy("answer", "Somebody else answers")
    OPERATOR = "operator", pgettext_lazy("answer", "Wants a person")
    STOP = "stop", pgettext_lazy("answer", "Do not call")
    ARE_YOU_ROBOT = "are_you_robot", pgettext_lazy("answer", "Are you a robot?")
    HARD_CASE = "hard_case", pgettext_lazy("answer", "A hard case")
    CHOICE = "choice", pgettext_lazy("answer", "One of a choice")
    SILENCE = "silence", pgettext_lazy("answer", "Silence")
    UNCLEAR = "unclear", pgettext_lazy("answer", "Not understood")
    VOICEMAIL = "voicemail", pgettext_lazy("answer", "Answering machine")


# These come from the line, or are heard at every node: no node lists them.
EVERYWHERE = frozenset(
    {Meaning.STOP, Meaning.ARE_YOU_ROBOT, Meaning.SILENCE, Meaning.UNCLEAR, Meaning.VOICEMAIL}
)
STOP_KEY, PERSON_KEY = "9", "0"


class Kind(TextChoices):
    SAY = "say", pgettext_lazy("node", "Says")
    ASK = "ask", pgettext_lazy("node", "Asks")
    END = "end", pgettext_lazy("node", "Ends")


class Act(TextChoices):
    """What an end does besides saying good-bye."""

    NOTHING = "nothing", _("Nothing more")
    OFFER = "offer", _("Send the quote")
    SMS = "sms", _("Send an SMS")
    HAND_OVER = "hand_over", _("Connect with a person")
    STOP = "stop", _("Never call again")
    WRONG_NUMBER = "wrong_number", _("Mark the number as a stranger’s")
    CALL_BACK = "call_back", _("Call back on the day named")


class Outcome(TextChoices):
    """How a call ended for the client."""

    AGREED = "agreed", pgettext_lazy("robot", "Agreed to get the offer")
    PROMISED = "promised", pgettext_lazy("robot", "Named a day")
    HANDED_OVER = "handed_over", pgettext_lazy("robot", "Went to a person")
    STOPPED = "stopped", pgettext_lazy("robot", "Forbade calls")
    WRONG_PERSON = "wrong_person", pgettext_lazy("robot", "Wrong person")
    THIRD_PARTY = "third_party", pgettext_lazy("robot", "Somebody else answered")
    SOLD = "sold", pgettext_lazy("robot", "The object is sold")
    LOAN_CLOSED = "loan_closed", pgettext_lazy("robot", "The loan is closed")
    ELSEWHERE = "elsewhere", pgettext_lazy("robot", "Insured elsewhere")
    RENEWED = "renewed", pgettext_lazy("robot", "Says it is renewed")
    TOO_DEAR = "too_dear", pgettext_lazy("robot", "Finds it too dear")
    REFUSED = "refused", pgettext_lazy("robot", "Refused")
    SILENT = "silent", pgettext_lazy("robot", "Kept silent")
    CUT_OFF = "cut_off", pgettext_lazy("robot", "Hung up")
    VOICEMAIL = "voicemail", pgettext_lazy("robot", "Answering machine")
    NOT_REACHED = "not_reached", pgettext_lazy("robot", "Not reached")
    SCORED = "scored", pgettext_lazy("robot", "Gave a score")


class Exit(TextChoices):
    """Where every question leads when its own answers do not apply."""

    STOP = "stop", _("Asked not to be called")
    PERSON = "person", _("Asked for a person, or not understood twice")
    SILENCE = "silence", _("Silent twice")
    VOICEMAIL = "voicemail", _("An answering machine picked up")


@dataclass(frozen=True, slots=True)
class Variable:
    """A word that is filled for each client; one ``about_contract`` is not said before the person is confirmed."""

    label: str | Promise
    sample: str
    about_contract: bool = False


VARIABLES: dict[str, Variable] = {
    "company": Variable(_("Name of the company"), "Причал Страхование"),
    "robot": Variable(_("Name of the robot"), "Даша"),
    "name": Variable(_("Name and patronymic"), "Никита Олегович"),
    "agent_name": Variable(_("First and last name of the agent"), "Анна Соколова"),
    "agent_phone": Variable(_("The agent's phone"), "+7 917 200-01-01"),
    "product": Variable(_("Product, as messages call it"), "ОСАГО", about_contract=True),
    "object": Variable(_("What is insured"), "Mazda 3", about_contract=True),
    "end_date": Variable(_("Last day of the policy, in words"), "семнадцатого декабря", about_contract=True),
    "price": Variable(
        _("Price of the next term, in words"),
        "тринадцать тысяч двести девяносто шесть рублей",
        about_contract=True,
    ),
    "question": Variable(
        _("Question of the survey"),
        "Насколько вероятно, что Вы посоветуете нас друзьям?",
        about_contract=True,
    ),
    "survey_link": Variable(_("Link to the survey"), "https://prichal.example/f/k3J9x0Qm/"),
    "pay_link": Variable(_("Link to the pay page"), "https://prichal.example/pay/k3J9x0Qm2aVt7LsR/", about_contract=True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """One way out of a question. ``phrases`` are added to those of the meaning; ``days`` names the day of a call-back.

    ``confirms``: whoever answers so is the client. ``score``: what the answer gives to the question of a survey.
    """

    meaning: str
    to: str
    key: str = ""
    phrases: tuple[str, ...] = ()
    confirms: bool = False
    days: int | None = None
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One thing the robot says, and what follows. ``again`` is said instead when it has to be repeated."""

    key: str
    name: str
    kind: str
    speech: str
    again: str = ""
    next: str = ""
    answers: tuple[Answer, ...] = ()
    wait: int = 4
    act: str = Act.NOTHING
    outcome: str = ""
    channel: str = ""
    message: str = ""
    days: int | None = None
    sound: str = ""

    def links(self) -> Iterator[str]:
        """Keys of the nodes that follow by the node's own words."""
        if self.kind == Kind.SAY:
            yield self.next
        elif self.kind == Kind.ASK:
            yield from (answer.to for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The whole conversation. ``exits``: `Exit` → key of a node; ``about_robot`` answers “are you a robot?”."""

    start: str
    nodes: dict[str, Node]
    exits: dict[str, str]
    about_robot: str = ""

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Raises `BadDialogue` for anything but a dialogue; whether it is a good one is said by `checks`."""
        if not isinstance(data, Mapping) or not isinstance(data.get("nodes"), list):
            raise BadDialogue(_("This is no dialogue."))
        nodes: dict[str, Node] = {}
        for raw in data["nodes"]:
            node = node_from(raw)
            if node.key in nodes:
                raise BadDialogue(_("There are two nodes with this key."), node=node.key, field="key")
            nodes[node.key] = node
        exits = data.get("exits", {})
        if not isinstance(exits, Mapping) or not all(isinstance(value, str) for value in exits.values()):
            raise BadDialogue(_("This is no dialogue."), field="exits")
        return cls(
            start=str(data.get("start", "")),
            nodes=nodes,
            exits={name: exits[name] for name in Exit.values if name in exits},
            about_robot=str(data.get("about_robot", "")),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "about_robot": self.about_robot,
            "exits": dict(self.exits),
            "nodes": [node_to(node) for node in self.nodes.values()],
        }


_TEXT = 1000
_SHORT = 120


def node_from(raw: Any) -> Node:
    """A node of what was stored or sent. Raises `BadDialogue`."""
    if not isinstance(raw, Mapping):
        raise BadDialogue(_("This is no node."))
    key = _text(raw, "key", 60)
    if not key or not all(c.isascii() and (c.isalnum() or c == "-") for c in key):
        raise BadDialogue(
            _("Give the node a key of Latin letters, digits and dashes."), node=key, field="key"
        )
    kind, act, outcome = _text(raw, "kind"), _text(raw, "act") or Act.NOTHING, _text(raw, "outcome")
    for value, known, name in (
        (kind, Kind, "kind"),
        (act, Act, "act"),
        (outcome or Outcome.REFUSED, Outcome, "outcome"),
    ):
        if value not in known.values:
            raise BadDialogue(_("Choose one of the list."), node=key, field=name)
    answers = raw.get("answers") or []
    if not isinstance(answers, list):
        raise BadDialogue(_("This is no node."), node=key, field="answers")
    channel = _text(raw, "channel")
    if channel not in {"", "sms", "email"}:
        raise BadDialogue(_("Choose one of the list."), node=key, field="channel")
    return Node(
        key=key, name=_text(raw, "name") or key, kind=kind, speech=_text(raw, "speech", _TEXT),
        again=_text(raw, "again", _TEXT), next=_text(raw, "next", 60),
        answers=tuple(_answer(answer, key) for answer in answers), wait=_whole(raw, "wait", key, 1, 20) or 4,
        act=act, outcome=outcome, channel=channel, message=_text(raw, "message", _TEXT), days=_whole(raw, "days", key, 0, 60),
        sound=_text(raw, "sound", 80),
    )  # fmt: skip


def _answer(raw: Any, node: str) -> Answer:
    if not isinstance(raw, Mapping):
        raise BadDialogue(_("This is no answer."), node=node, field="answers")
    meaning, key = _text(raw, "meaning"), _text(raw, "key")
    if meaning not in Meaning.values or meaning in EVERYWHERE:
        raise BadDialogue(_("Choose what the answer means."), node=node, field="meaning")
    if key and (len(key) != 1 or key not in "0123456789*#"):
        raise BadDialogue(_("A key is a digit, * or #."), node=node, field="key")
    phrases = raw.get("phrases") or []
    if not isinstance(phrases, list) or not all(isinstance(one, str) for one in phrases):
        raise BadDialogue(_("Phrases are a list of words."), node=node, field="phrases")
    return Answer(
        meaning=meaning, to=_text(raw, "to", 60), key=key,
        phrases=tuple(one.strip()[:_SHORT] for one in phrases[:50] if one.strip()),
        confirms=bool(raw.get("confirms")), days=_whole(raw, "days", node, 0, 60), score=_whole(raw, "score", node, 0, 10),
    )  # fmt: skip


def _text(raw: Mapping[str, Any], name: str, longest: int = _SHORT) -> str:
    value = raw.get(name, "")
    return value.strip()[:longest] if isinstance(value, str) else ""


def _whole(raw: Mapping[str, Any], name: str, node: str, least: int, most: int) -> int | None:
    value = raw.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadDialogue(
            _("Give a whole number from %(least)d to %(most)d.") % {"least": least, "most": most},
            node=node,
            field=name,
        )
    return value


def node_to(node: Node) -> dict[str, Any]:
    """What is stored: only what differs from an empty node."""
    kept = {name: value for name, value in asdict(node).items() if value not in ("", None, ())}
    kept["answers"] = [
        {
            name: list(value) if name == "phrases" else value
            for name, value in one.items()
            if value is not False and value not in ("", None, ())  # nought is a score
        }
        for one in kept.get("answers", ())
    ]
    if node.kind != Kind.ASK:
        del kept["answers"]
        kept.pop("wait")
    if node.act == Act.NOTHING:
        kept.pop("act")
    return kept

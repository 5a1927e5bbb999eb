"""What is said of whose a request is."""

from datetime import timedelta

from django.utils import translation

from clientela.modules.requests.models import Request, Step
from clientela.modules.requests.operations import Incoming, receive, take
from clientela.workspace.requests import words


def asked(now, **fields):
    return receive(
        actor=None,
        now=now,
        incoming=Incoming(source="web", phone="+79870006319", name="Миннуллина Резеда", **fields),
    )


def test_taking_is_told_without_a_gender_and_is_no_hand_over(kazan, anna, now):
    request = take(actor=anna, now=now + timedelta(minutes=1), request=asked(now, assignee_id=anna.pk))
    with translation.override("ru"):
        said = [
            words.why_short(request),
            *words.why_long(request),
            *[words.step(one)["title"] for one in request.steps.all()],
        ]
        own = words.step(Step(request=request, kind="given", at=now, by=anna, person=anna))["title"]
    assert said[:2] == ["взято в работу", f"Взята в работу: {anna}"]
    assert said[-1] == f"Взята в работу: {anna}"
    assert own == f"Оставлена за собой: {anna}"
    assert not any("(а)" in one for one in said)


def test_a_tie_is_told_with_its_names():
    def one(name, place, behind):
        return {"name": name, "place": place, "behind": behind}

    assert words.tied(
        [one("Анна", 1, 0.8), one("Лилия", 2, 0.8), one("Борис", 3, 0.9), one("Вера", 0, 0.8)]
    ) == ["Анна", "Лилия"]
    assert words.tied([one("Анна", 1, 0.7), one("Лилия", 2, 0.8)]) == []
    assert words.tied([]) == []
    request = Request(why=[{"why": "by_share", "name": "Анна", "skills": [], "load": 1, "of": 8, "given": 1}])
    request.candidates = [one("Анна", 1, 0.8), one("Лилия", 2, 0.8)]
    with translation.override("ru"):
        assert "поровну: Анна, Лилия" in words.why_long(request)[-1]

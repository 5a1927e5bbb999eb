from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.contacts.models import Template
from clientela.modules.contacts.operations import (
    InvalidTemplate,
    OwnTemplate,
    WrongState,
    approve_template,
    draft_template,
    edit_template,
    retire_template,
    revise_template,
)
from clientela.modules.contacts.queries.templates import approved, counts, preview, templates

WORDS = {
    "code": "renewal-offer", "name": "Предложение продлить", "channel": "sms",
    "body": "{greeting}, Ваш полис {number} заканчивается {end_date}. Тел. {agent_phone}",
}  # fmt: skip


@pytest.fixture
def draft(renewals_manager, now):
    return draft_template(actor=renewals_manager, now=now, **WORDS)


def test_a_template_begins_as_a_draft(draft, renewals_manager, now):
    assert (draft.version, draft.state, draft.author, draft.created_at) == (1, "draft", renewals_manager, now)
    assert approved("renewal-offer", "sms") is None
    assert Entry.objects.get(action="template.drafted").object_name == "Предложение продлить (sms, ru, 1)"


def test_somebody_else_approves_it(draft, administrator, now):
    approve_template(actor=administrator, now=now, template=draft)

    draft.refresh_from_db()
    assert (draft.state, draft.approved_by, draft.approved_at) == ("approved", administrator, now)
    assert approved("renewal-offer", "sms", "en") == draft


def test_the_author_does_not_approve_it(draft, renewals_manager, now):
    with pytest.raises(OwnTemplate):
        approve_template(actor=renewals_manager, now=now, template=draft)

    draft.refresh_from_db()
    assert draft.state == "draft"


def test_who_edits_becomes_the_author(draft, administrator, renewals_manager, now):
    edit_template(actor=administrator, now=now, template=draft, body="{greeting}, новый текст")
    with pytest.raises(OwnTemplate):
        approve_template(actor=administrator, now=now, template=draft)
    approve_template(actor=renewals_manager, now=now, template=draft)

    entry = Entry.objects.get(action="template.edited")
    assert entry.changes == {"body": [WORDS["body"], "{greeting}, новый текст"]}


def test_a_new_version_replaces_the_old_one_only_when_it_is_approved(
    draft, administrator, renewals_manager, now
):
    approve_template(actor=administrator, now=now, template=draft)
    second = revise_template(actor=administrator, now=now + timedelta(days=1), template=draft)
    assert (second.version, second.body, approved("renewal-offer", "sms")) == (2, draft.body, draft)

    approve_template(actor=renewals_manager, now=now, template=second)
    draft.refresh_from_db()
    assert (draft.state, approved("renewal-offer", "sms")) == ("retired", second)
    assert counts() == {"draft": 0, "approved": 1, "retired": 1}
    assert list(templates()) == [second]


def test_there_is_one_draft_at_a_time(draft, renewals_manager, administrator, now):
    with pytest.raises(InvalidTemplate) as error:
        draft_template(actor=administrator, now=now, **WORDS)

    assert list(error.value.errors) == ["code"]
    assert Template.objects.count() == 1


def test_what_is_in_force_is_not_edited(draft, administrator, renewals_manager, now):
    approve_template(actor=administrator, now=now, template=draft)
    with pytest.raises(WrongState):
        edit_template(actor=renewals_manager, now=now, template=draft, body="другое")
    with pytest.raises(WrongState):
        approve_template(actor=renewals_manager, now=now, template=draft)

    draft.refresh_from_db()
    assert draft.body == WORDS["body"]


def test_retiring_ends_it_once(draft, administrator, now):
    retire_template(actor=administrator, now=now, template=draft)
    with pytest.raises(WrongState):
        retire_template(actor=administrator, now=now, template=draft)

    assert approved("renewal-offer", "sms") is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": "{greeting}, {agent}"}, "body"),
        ({"body": "{greeting"}, "body"),
        ({"body": " "}, "body"),
        ({"body": "я" * 671}, "body"),
        ({"name": ""}, "name"),
        ({"code": ""}, "code"),
        ({"channel": "robot"}, "channel"),
        ({"channel": "email"}, "subject"),
        ({"channel": "email", "subject": "{who}"}, "subject"),
        ({"language": "de"}, "language"),
        ({"purpose": "group_data"}, "purpose"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(renewals_manager, now, change, field):
    with pytest.raises(InvalidTemplate) as error:
        draft_template(actor=renewals_manager, now=now, **WORDS | change)

    assert list(error.value.errors) == [field]
    assert not Template.objects.exists()


def test_an_agent_touches_no_template(draft, anna, now):
    attempts = (
        lambda: draft_template(actor=anna, now=now, **WORDS | {"code": "own"}),
        lambda: edit_template(actor=anna, now=now, template=draft, body="x"),
        lambda: approve_template(actor=anna, now=now, template=draft),
        lambda: retire_template(actor=anna, now=now, template=draft),
        lambda: revise_template(actor=anna, now=now, template=draft),
    )
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()

    draft.refresh_from_db()
    assert (draft.state, draft.body, Template.objects.count()) == ("draft", WORDS["body"], 1)


def test_a_text_is_shown_on_a_real_client_with_the_verdict(draft, vera, now):
    seen = preview(client=vera, channel="sms", purpose="service", subject="", body=draft.body, now=now)

    assert seen.text == (
        "Вера Николаевна, Ваш полис ХХХ 0412773905 заканчивается 05.12.26. Тел. +7 917 200-01-01"
    )
    assert (seen.size.parts, seen.verdict.decision, seen.error) == (2, "send", "")
    broken = preview(client=vera, channel="sms", purpose="service", subject="", body="{agent}", now=now)
    assert (broken.text, broken.verdict) == ("", None)
    assert "{agent}" in broken.error

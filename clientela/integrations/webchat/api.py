"""Widgets by the API: the same acts as on the pages."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.foundation.api.problems import map_problem
from clientela.integrations.webchat import operations
from clientela.integrations.webchat.models import Widget
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.organisation.models import Branch

router = Router(tags=["chat on sites"])
map_problem(operations.KeyTaken, 409)
map_problem(operations.BadOrigin, 422)

Words = Annotated[str, Field(max_length=300)]


class WidgetChange(Schema):
    """``origins`` are sites that may show the chat, such as ``https://prichal.example``."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    branch_id: Id
    origins: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] = []
    colour: Literal["lake", "ink", "sun", "moss"] = "lake"
    greeting: Annotated[Words, Field(min_length=1)]
    offline_text: Words = ""
    is_active: bool = True

    def values(self) -> dict[str, Any]:
        given = self.dict()
        branch = get_object_or_404(Branch, pk=given.pop("branch_id"))
        return {name: given[name] for name in given if name != "key"} | {"branch": branch}


class WidgetIn(WidgetChange):
    key: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,40}$")]


class WidgetOut(Schema):
    id: int
    key: str
    name: str
    branch_id: int
    origins: list[str]
    colour: str
    greeting: str
    offline_text: str
    is_active: bool


@router.get("/chat-widgets", response=list[WidgetOut])
@requires(Permission.ORGANISATION_WRITE)
def list_widgets(request: HttpRequest) -> Any:
    return Widget.objects.all()


@router.post("/chat-widgets", response={201: WidgetOut})
@requires(Permission.ORGANISATION_WRITE)
def create_widget(request: HttpRequest, body: WidgetIn) -> Any:
    made = operations.create_widget(
        actor=caller(request), now=timezone.now(), key=body.key, values=body.values()
    )
    return Status(201, made)


@router.put("/chat-widgets/{widget_id}", response=WidgetOut)
@requires(Permission.ORGANISATION_WRITE)
def change_widget(request: HttpRequest, widget_id: int, body: WidgetChange) -> Any:
    row = get_object_or_404(Widget, pk=widget_id)
    return operations.change_widget(
        actor=caller(request), now=timezone.now(), widget=row, values=body.values()
    )

"""A small API over saved views, for the tests of the foundation."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from ninja import Router, Schema, Status

from clientela.foundation.api.core import Api
from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import Problem, map_problem
from clientela.foundation.api.versions import ensure_version, tag
from clientela.foundation.lists.models import SavedView

router = Router(tags=["views"])


class NameTaken(Exception):
    """Another view has this name."""


map_problem(NameTaken, 409)


class ViewIn(Schema):
    name: str
    position: int = 100


class ViewOut(Schema):
    id: Id
    name: str
    position: int


@router.get("/views", response=Page[ViewOut])
def list_views(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50):
    return page_of(SavedView.objects.all(), order=("position", "-id"), cursor=cursor, limit=limit)


@router.post("/views", response={201: ViewOut})
def create_view(request: HttpRequest, body: ViewIn):
    if body.name == "taken":
        raise NameTaken("the name is taken")
    view = SavedView.objects.create(list_key="x", name=body.name, position=body.position, owner=request.user)
    if body.name == "late":
        raise Problem(422, "late", "too late")
    if body.name == "crash":
        raise RuntimeError("secret internals")
    return Status(201, view)


@router.get("/views/{view_id}", response=ViewOut)
def view(request: HttpRequest, response: HttpResponse, view_id: int):
    found = SavedView.objects.get(pk=view_id)
    tag(response, found.position)
    return found


@router.put("/views/{view_id}", response=ViewOut)
def change_view(request: HttpRequest, view_id: int, body: ViewIn):
    found = SavedView.objects.filter(pk=view_id).first()
    if found is None:
        raise Http404
    ensure_version(request, found.position)
    found.name = body.name
    found.save()
    return found


@router.post("/views/emptying", response={204: None})
def remove_all(request: HttpRequest):
    SavedView.objects.all().delete()
    return Status(204, None)


@router.get("/scopes")
def scopes(request: HttpRequest):
    return sorted(request.user.permissions)


api = Api(title="test", version="1", urls_namespace="test-api")
api.add_router("", router)
urlpatterns = [path("api/v1/", api.urls), path("", include("clientela.config.urls"))]

"""Every address of the product, found in the URL resolver and in the API's description."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from clientela.config.api import api

API = "api/v1/"
_PARAM = re.compile(r"<(?:(?P<kind>[^>:]+):)?(?P<name>[^>]+)>")
_GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True)
class Address:
    """A page or an operation. ``parts`` are literal text and ``(segment before, name, kind)`` in turn."""

    name: str
    route: str
    methods: tuple[str, ...]
    view: Callable[..., Any] = field(compare=False)
    operation: dict[str, Any] | None = field(default=None, compare=False)

    @property
    def params(self) -> list[tuple[str, str, str]]:
        """``(last word of the path before it, name, converter)`` of each parameter."""
        found = []
        for match in _PARAM.finditer(self.route):
            words = [
                word for word in re.split(r"[/<>]", self.route[: match.start()]) if word and ":" not in word
            ]
            found.append((words[-1] if words else "", match["name"], match["kind"] or "str"))
        return found

    def path(self, values: dict[tuple[str, str], Any]) -> str:
        """The address with ``values`` of ``(segment, name)`` filled in."""
        filled = self.route
        for segment, name, kind in self.params:
            mark = f"<{kind}:{name}>" if f"<{kind}:{name}>" in filled else f"<{name}>"
            filled = filled.replace(mark, str(values[segment, name]), 1)
        return "/" + filled

    @property
    def permissions(self) -> tuple[str, ...] | None:
        """What the view asks for; None when nobody stands at its door."""
        found = getattr(self.view, "permissions", None)
        return None if found is None else tuple(str(one) for one in found)


def pages() -> list[Address]:
    """Every page but the API's."""
    found = [
        Address(name=name, route=route, methods=("get", "post"), view=view)
        for route, name, view in _walk(get_resolver("clientela.config.urls").url_patterns, "", "")
        if not route.startswith(API)
    ]
    return sorted(found, key=lambda address: address.route)


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[tuple[str, str, Any]]:
    for pattern in patterns:
        text = _GROUP.sub(lambda match: f"<{match['name']}>", str(pattern.pattern))
        route = prefix + text.replace("^", "").replace("$", "").replace("\\Z", "")
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (namespace, pattern.namespace) if part)
            yield from _walk(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            name = pattern.name or getattr(pattern.callback, "__name__", "")
            yield route, f"{namespace}:{name}" if namespace else name, pattern.callback


@cache
def description() -> dict[str, Any]:
    """The API in its own words."""
    return api.get_openapi_schema(path_prefix="/api/v1/")


def operations() -> list[Address]:
    """Every operation of the API."""
    views = {}
    for bound in api._get_bound_routers():
        for path_view in bound.path_operations.values():
            for operation in path_view.operations:
                views[api.get_openapi_operation_id(operation)] = operation.view_func
    found = []
    for path, methods in description()["paths"].items():
        for method, described in methods.items():
            route = re.sub(r"{([^}]+)}", r"<\1>", path.lstrip("/"))
            name = described["operationId"]
            found.append(Address(name, route, (method,), views[name], described))
    return sorted(found, key=lambda address: (address.route, address.methods))

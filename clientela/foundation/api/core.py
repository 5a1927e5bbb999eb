"""The API as every module uses it: errors, sign-in, idempotency and the published description."""

from typing import Any

import orjson
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import BaseRenderer

from clientela.foundation.api import problems
from clientela.foundation.api.auth import PageAuth, TokenAuth
from clientela.foundation.api.idempotency import HEADER, idempotent

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "for programs"},
        "detail": {"type": "string", "description": "for people"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "reference": {"type": "string"},
        "reason": {"type": "string", "description": "not_admitted: not_taken, not_passed or expired"},
        "product_code": {"type": "string", "description": "not_admitted: the product that may not be sold"},
        "product_id": {"type": "integer", "description": "not_admitted: the same product"},
        "test_id": {"type": "integer", "description": "not_admitted: the test to pass"},
        "test": {"type": "string", "description": "not_admitted: what the test is called"},
        "test_url": {"type": "string", "description": "not_admitted: the page on which the test is taken"},
    },
}
_KEY = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    "description": "Repeat a request with the same key and it acts once; its first answer comes back.",
}


class _Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


class _Schema(OpenAPISchema):
    """Adds what is common to all operations: the permission, the key of a POST, the problem document."""

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        details: dict[str, Any] = super().operation_details(operation)
        permissions = [str(p) for p in getattr(operation.view_func, "permissions", ())]
        if permissions:
            details["x-permissions"] = permissions
        if "POST" in operation.methods:
            details["parameters"] = [*details["parameters"], _KEY]
        details["responses"]["default"] = {
            "description": "Problem",
            "content": {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        return details

    def get_components(self) -> dict[str, Any]:
        self.schemas["Problem"] = _PROBLEM
        components: dict[str, Any] = super().get_components()
        return components


class Api(NinjaAPI):
    """NinjaAPI with our errors, tokens, sessions and idempotency."""

    def __init__(self, **options: Any) -> None:
        self._callers = [TokenAuth(), PageAuth()]
        super().__init__(auth=self._callers, renderer=_Renderer(), **options)
        problems.install(self)
        self.add_decorator(idempotent(self._caller), mode="view")

    def _caller(self, request: HttpRequest) -> Any:
        """The person who calls, or None; the operation's own check comes after and finds it done."""
        for authenticate in self._callers:
            if authenticate(request):
                return request.user
        return None

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        """Fixed words before parameters, so that ``/clients/tagging`` is never taken for the client “tagging”."""

        def order(pattern: URLResolver | URLPattern) -> list[bool]:
            return [segment.startswith("<") for segment in str(pattern.pattern).split("/")]

        return sorted(super()._get_urls(), key=order)

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return _Schema(self, prefix)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """``clients_list_clients``: the module's label and the function's name."""
        module = operation.view_func.__module__.split(".")
        label = module[-1] if module[-1] != "api" else module[-2]
        return f"{label}_{operation.view_func.__name__}"

"""Addresses of the product."""

import logging
from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from clientela.config.api import api

log = logging.getLogger(__name__)

urlpatterns: list[URLPattern | URLResolver] = []


def _grow(prefix: str, *modules: str) -> None:
    """Include the first of ``modules`` that is there. For the time of building only."""
    for module in modules:
        try:
            found = find_spec(module)
        except ModuleNotFoundError:
            continue
        if not found:
            continue
        try:
            import_module(module)
        except Exception:
            log.exception("urls.broken %s", module)
            continue
        urlpatterns.append(path(prefix, include(module)))
        return


_grow("", "clientela.workspace.today.urls")
_grow("account/", "clientela.modules.accounts.sign_in_urls")
_grow("settings/", "clientela.modules.accounts.urls")
_grow("", "clientela.workspace.admin.urls")
_grow("clients/", "clientela.workspace.clients.urls")
_grow("agents/", "clientela.workspace.agents.urls")
_grow("renewals/", "clientela.workspace.renewals.urls", "clientela.modules.renewals.urls")
_grow(
    "schedules/",
    "clientela.workspace.schedules.urls",
    "clientela.workspace.renewals.schedule_urls",
    "clientela.modules.renewals.schedule_urls",
)
_grow("imports/", "clientela.workspace.imports.urls")
_grow("search/", "clientela.workspace.search.urls")
_grow("contacts/", "clientela.workspace.contacts.urls", "clientela.modules.contacts.urls")
_grow("phone/", "clientela.workspace.phone.urls")
_grow("ui/", "clientela.foundation.ui.urls")
_grow("", "clientela.portal.urls")
urlpatterns.append(path("api/v1/", api.urls))

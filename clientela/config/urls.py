"""Addresses of the product."""

from django.urls import URLPattern, URLResolver, include, path

from clientela.config.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("clientela.workspace.today.urls")),
    path("account/", include("clientela.modules.accounts.sign_in_urls")),
    path("settings/alerts/", include("clientela.workspace.alerts.urls")),
    path("settings/", include("clientela.modules.accounts.urls")),
    path("", include("clientela.workspace.admin.urls")),
    path("calendar/", include("clientela.workspace.calendar.urls")),
    path("inbox/", include("clientela.workspace.inbox.urls")),
    path("feedback/", include("clientela.workspace.feedback.urls")),
    path("calls/", include("clientela.workspace.calls.urls")),
    path("chat/", include("clientela.workspace.chat.urls")),
    path("clients/", include("clientela.workspace.clients.urls")),
    path("agents/", include("clientela.workspace.agents.urls")),
    path("renewals/", include("clientela.workspace.renewals.urls")),
    path("schedules/", include("clientela.workspace.schedules.urls")),
    path("robot/", include("clientela.workspace.robot.urls")),
    path("imports/", include("clientela.workspace.imports.urls")),
    path("routing/", include("clientela.workspace.routing.urls")),
    path("webhooks/", include("clientela.workspace.webhooks.urls")),
    path("search/", include("clientela.workspace.search.urls")),
    path("contacts/", include("clientela.modules.contacts.urls")),
    path("mailboxes/", include("clientela.modules.mailboxes.urls")),
    path("letters/", include("clientela.workspace.letters.urls")),
    path("phone/", include("clientela.workspace.phone.urls")),
    path("ui/", include("clientela.foundation.ui.urls")),
    path("", include("clientela.foundation.ui.install_urls")),
    path("telegram/", include("clientela.integrations.telegram.urls")),
    path("", include("clientela.integrations.caldav.urls")),
    path("", include("clientela.integrations.webchat.urls")),
    path("vk/", include("clientela.integrations.vk.urls")),
    path("", include("clientela.portal.urls")),
    path("api/v1/", api.urls),
]

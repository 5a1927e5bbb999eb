"""Administration: organisation, journal, jobs, health."""

from django.urls import include, path

from clientela.workspace.admin.views import health

urlpatterns = [
    path("organisation/", include("clientela.workspace.admin.organisation_urls")),
    path("audit/", include("clientela.workspace.admin.audit_urls")),
    path("jobs/", include("clientela.workspace.admin.jobs_urls")),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/worker", health.worker, name="health_worker"),
]

"""The job monitor."""

from django.urls import path

from clientela.workspace.admin.views import jobs

app_name = "jobs"
urlpatterns = [
    path("", jobs.jobs, name="monitor"),
    path("<int:job_id>/pause/", jobs.pause, name="pause"),
    path("<int:job_id>/resumption/", jobs.go_on, name="resume"),
    path("<int:job_id>/cancellation/", jobs.cancel, name="cancel"),
    path("<int:job_id>/start/", jobs.start, name="start"),
    path("deliveries/<int:delivery_id>/retry/", jobs.retry, name="retry"),
]

"""For load balancers and watchers: is the process alive, can it serve pages, does a worker work."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clientela.foundation import health
from clientela.foundation.jobs.heartbeats import is_silent


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Database, migrations, cache and disk are well too; 503 with what is not."""
    return _told(health.problems())


@never_cache
@require_safe
def worker(request: HttpRequest) -> JsonResponse:
    """Pages can be served and a worker was heard within a minute; 503 with what is not.

    Apart from ``ready``: pages without a worker are better than no pages.
    """
    problems = health.problems()
    if "database" not in problems and is_silent(timezone.now()):
        problems["worker"] = "silent"
    return _told(problems)


def _told(problems: dict[str, str]) -> JsonResponse:
    body = {"status": "failing", **problems} if problems else {"status": "ok"}
    return JsonResponse(body, status=503 if problems else 200)

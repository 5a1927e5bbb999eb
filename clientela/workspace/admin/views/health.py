"""For load balancers and watchers: is the process alive, can it serve pages."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clientela.workspace.admin import monitor


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Database and cache answer too; 503 with what does not."""
    problems = monitor.ready()
    return JsonResponse(
        {"status": "failing", **problems} if problems else {"status": "ok"}, status=503 if problems else 200
    )

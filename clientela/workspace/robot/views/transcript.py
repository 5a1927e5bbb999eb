"""What was said in one call of the robot."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.robot.queries.transcripts import attempt_for


@require_safe
@requires(Permission.CLIENTS_READ)
def transcript(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """The conversation as the client heard it, and what they pressed or said."""
    attempt = attempt_for(request.user, attempt_id)
    if attempt is None:
        raise Http404
    return render(
        request, "robot/transcript.html", {"attempt": attempt, "said": attempt.said.order_by("move")}
    )

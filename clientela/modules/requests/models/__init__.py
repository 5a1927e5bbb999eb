"""Requests, where they come from, what they agreed to, how they are counted."""

from clientela.modules.requests.models.intake import ConsentText, Intake, Policy, ScoreRule
from clientela.modules.requests.models.request import Request, RequestQuerySet, Step

__all__ = ["ConsentText", "Intake", "Policy", "Request", "RequestQuerySet", "ScoreRule", "Step"]

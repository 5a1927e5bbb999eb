"""Sister companies, what they may tell, under which consent, and what they told."""

from clientela.modules.group.models.companies import ConsentDocument, FactKind, SisterCompany
from clientela.modules.group.models.facts import Candidate, Fact, Refused, Waiting

__all__ = ["Candidate", "ConsentDocument", "Fact", "FactKind", "Refused", "SisterCompany", "Waiting"]

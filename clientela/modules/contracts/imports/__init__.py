"""The portfolio as an import target: clients, contact points, addresses, insured objects and policies in one pass."""

from clientela.modules.contracts.imports.target import Portfolio

__all__ = ["Portfolio"]

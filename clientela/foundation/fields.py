"""Model fields shared by every module."""

from typing import Any

from django.db import models


class KeyField(models.CharField):
    """A text key compared byte by byte, so that prefix ranges use a plain b-tree on both databases."""

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        parameters["collation"] = "C" if connection.vendor == "postgresql" else "BINARY"
        return parameters

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs


def prefix_range(field: str, prefix: str) -> dict[str, str]:
    """Filter arguments for “starts with”, answered from the key's b-tree."""
    return {f"{field}__gte": prefix, f"{field}__lt": prefix + "\U0010ffff"}

"""Static files with a digest in their names, squeezed once."""

from collections.abc import Iterable
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Leaves the pages of the API's description as they are: squeezing them takes half a minute and few read them."""

    def compress_files(self, paths: Iterable[str]) -> Any:
        return super().compress_files([path for path in paths if not path.startswith("ninja/")])

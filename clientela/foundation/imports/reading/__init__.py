"""From a file as people send it to rows of text columns in Parquet, which every later step reads.

``prepare`` takes CSV (any separator and encoding, also gzipped) and spreadsheets (XLSX, XLS, ODS).
"""

from clientela.foundation.imports.reading.prepare import (
    EmptyFile,
    Layout,
    UnreadableFile,
    prepare,
    read_rows,
    row_count,
)

__all__ = ["EmptyFile", "Layout", "UnreadableFile", "prepare", "read_rows", "row_count"]

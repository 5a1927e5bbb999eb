"""Every step of an import as one verb: take a file, map it, check it, bring it in, mend its errors, undo it."""

from clientela.foundation.imports.operations.errors import (
    StillWrong,
    fix_row,
    fixable,
    fixed_rows,
    mended_rows,
    retry_fixed,
    write_error_file,
)
from clientela.foundation.imports.operations.files import set_layout, start_run
from clientela.foundation.imports.operations.mapping import (
    forget_mapping,
    save_mapping,
    set_definition,
    ship_mappings,
)
from clientela.foundation.imports.operations.steering import (
    NotNow,
    pause_run,
    request_check,
    request_run,
    request_undo,
    resume_run,
)

__all__ = [
    "NotNow",
    "StillWrong",
    "fix_row",
    "fixable",
    "fixed_rows",
    "forget_mapping",
    "mended_rows",
    "pause_run",
    "request_check",
    "request_run",
    "request_undo",
    "resume_run",
    "retry_fixed",
    "save_mapping",
    "set_definition",
    "set_layout",
    "ship_mappings",
    "start_run",
    "write_error_file",
]

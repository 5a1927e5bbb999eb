"""The kinds of job of this package, to be registered in ``config/subscriptions``."""

JOBS = {
    "imports.check": "clientela.foundation.imports.operations.working.check",
    "imports.run": "clientela.foundation.imports.operations.working.bring_in",
    "imports.undo": "clientela.foundation.imports.operations.undoing.undo",
}

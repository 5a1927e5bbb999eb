"""Reads: consents that hold, who a report is about, what is shown."""

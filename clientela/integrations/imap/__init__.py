"""E-mail in over IMAP.

`reader` watches a mailbox, `parse` tells replies from reports, `quotes` keeps what was written now.
"""

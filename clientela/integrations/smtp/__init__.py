"""E-mail out over SMTP.

`identity` ties a mail to our message, `compose` builds it, `transport` is the port.
"""

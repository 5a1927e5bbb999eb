"""Telephony through Asterisk's REST interface (ARI).

`client` is the wire, `words` what Asterisk's words mean in ours, `lanes` the order of each line, `adapter` the port,
`softphones` the accounts of browsers, `cdr` Asterisk's own records of calls, `conf` what an installation includes.
"""

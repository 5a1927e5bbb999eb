"""Telephony through Asterisk's REST interface (ARI).

`client` is the wire, `words` what Asterisk's words mean in ours, `lanes` the order of each line, `adapter` the port,
`softphones` the accounts of browsers, `records` what Asterisk wrote down, `conf` what an installation includes.
"""

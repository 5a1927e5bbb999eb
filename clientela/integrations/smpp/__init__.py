"""SMS over SMPP 3.4.

`client` is the wire, `link` keeps it bound, `text` the alphabets, `batch` what goes out, `inbound` what
comes in, `transport` the port.
"""

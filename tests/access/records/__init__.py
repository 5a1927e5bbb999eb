"""Records behind the parameters of addresses, by area."""

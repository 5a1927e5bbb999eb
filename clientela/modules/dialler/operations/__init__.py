"""Every change of a calling list is one of these verbs."""

"""Every change to calls is one of these verbs."""

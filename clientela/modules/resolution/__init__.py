"""One person behind several cards: found by the machine, decided by people (CB-7)."""

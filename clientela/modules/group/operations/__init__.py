"""Every write about data of sister companies."""

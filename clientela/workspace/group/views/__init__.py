"""Views of data from sister companies."""

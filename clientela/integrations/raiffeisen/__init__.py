"""SBP by Raiffeisenbank."""

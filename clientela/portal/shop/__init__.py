"""The shop: OSAGO, travel, KASKO and property bought on a phone without an account (PO-2)."""

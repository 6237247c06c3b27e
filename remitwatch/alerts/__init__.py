"""Alerts: rules as data, what they find, and the life of what they found. Pure: no database, no clock, no network."""

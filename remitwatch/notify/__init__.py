"""Delivery: by which routes whoever hears of alerts, when, how it is sent, and when it is tried again. Knows no
database; what is sent comes rendered."""

"""Alerts for readers: their words, as a message, a mail, a chart and a feed. What is told comes from the outbox, as the
content of its messages (`db.alerts.keep_step`), already grouped and worst first."""

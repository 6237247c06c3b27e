"""The doctor: is this installation fit to run for years? One line a check: ok, warning or fault, and what to do."""

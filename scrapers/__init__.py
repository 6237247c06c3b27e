"""The outside world -> quotes. Knows the words, knows no database."""

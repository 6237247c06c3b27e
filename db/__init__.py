"""Keeping: the database. Knows the words, knows no scraper and no report."""

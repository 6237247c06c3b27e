"""Frames -> pages. Knows the words, knows no database and no scraper."""

"""Inline SVG charts, written as text: every mark has a class for the theme and plain attributes for everywhere else."""

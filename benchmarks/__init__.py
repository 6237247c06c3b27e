"""Measurements against named baselines, each in the same run: `python -m benchmarks.import_survey --help`.

Not part of the installed package. Every figure in the files made here is made up.
"""

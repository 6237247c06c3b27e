"""A pretend outside world on loopback HTTP, in the sources' own wire shapes: for the demo, the tests and load tests.

Everything in it is made up and carries the mark (`MARK`). The same seed and day always give the same bytes.
"""

from scrapers.sandbox.handin import handed_in_files, handin_csv
from scrapers.sandbox.marks import HEADER, MARK, is_sandbox_file
from scrapers.sandbox.script import Event
from scrapers.sandbox.server import SandboxServer
from scrapers.sandbox.sources import DAILY, YEARLY
from scrapers.sandbox.survey import survey_files, survey_workbook
from scrapers.sandbox.world import LAST_DAY, World

__all__ = [
    "DAILY",
    "HEADER",
    "LAST_DAY",
    "MARK",
    "YEARLY",
    "Event",
    "SandboxServer",
    "World",
    "handed_in_files",
    "handin_csv",
    "is_sandbox_file",
    "survey_files",
    "survey_workbook",
]

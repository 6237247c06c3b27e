"""Every check, one after the other. A check that cannot be made for want of another is left out."""

from __future__ import annotations

from collections.abc import Callable

from db.queries import Queries
from db.store import Store
from remitwatch.config import Loaded, secret_values
from remitwatch.errors import InputError
from remitwatch.home import Home
from remitwatch.pipeline import delivering
from remitwatch.pipeline.doctoring import database, files, machine, secrets
from remitwatch.pipeline.doctoring.checks import Check, ok, told
from remitwatch.pipeline.places import Now, sqlite_file, utc_now
from remitwatch.pipeline.workspace import reading
from scrapers.archive import Archive


def examine(
    home: Home,
    loaded: Loaded,
    now: Now = utc_now,
    *,
    full: bool = False,
    send_test: str | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> list[Check]:
    """All checks of a home. `full`: every answer and every edition is read, else a sample; `send_test`: a route by
    which a test message is sent. Raises InputError where there is no home."""
    if not home.root.is_dir():
        raise InputError(f"{home.root}: there is no home here: make one with `remitwatch --home {home.root} init`")
    settings = loaded.settings
    path = sqlite_file(home, settings)
    checks: list[Check] = [machine.check_program()]
    checks.append(database.check_sqlite(path))
    progress("database")
    fit = database.check_database(home, settings, checks)
    if fit:
        database.check_integrity(home, settings, checks)
    if fit:
        with told("archive", checks), database.opened(home, settings) as engine:
            queries = Queries(engine)
            archive = Archive(home.archive, secrets=secret_values(settings))
            checks.append(files.check_archive(archive, queries.bodies_named(), full=full, progress=progress))
            checks.append(machine.check_clock(queries, Store(engine).home_kind() or "real"))
            progress("secrets")
            checks.append(secrets.check_secrets(home, loaded, queries, now(), full=full))
    else:
        with told("secrets", checks):
            checks.append(secrets.check_secrets(home, loaded, None, now(), full=full))
    with told("editions", checks):
        checks.append(files.check_editions(home.editions, full=full, progress=progress))
    with told("disk", checks):
        checks.append(files.check_disk(home, path))
    with told("rights", checks):
        checks.extend(files.check_rights(home, loaded))
    with told("leftovers", checks):
        checks.append(files.check_leftovers(home, path, now()))
    with told("backup", checks):
        checks.append(files.check_backup(home, now()))
    with told("scheduler", checks):
        checks.append(machine.check_scheduler(home, now()))
    checks += [machine.check_extras(settings), machine.check_fonts()]
    if send_test is not None and fit:
        progress(f"route {send_test}")
        with told("route", checks), reading(home, loaded, now) as open_home:
            note = delivering.send_test(open_home, send_test)
            checks.append(ok("route", f"{send_test}: a test message was taken{f' ({note})' if note else ''}"))
    return checks

"""Alembic runs this file. It is given the connection: migrations are run from code only (db/migrate.py)."""

from alembic import context

from db.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_as_batch=True,
    transactional_ddl=True,  # the connection says BEGIN itself, so SQLite's schema changes roll back too
    transaction_per_migration=False,
)
context.run_migrations()

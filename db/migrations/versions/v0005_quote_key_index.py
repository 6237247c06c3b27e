"""The natural key of a quote is kept unique by an index of its own, not by a constraint inside the table.

Both refuse a second quote of one key. An index can be made after a whole survey has come, in a third of the time that
half a million rows take one by one; SQLite cannot do that with a constraint.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("quote", table_kwargs={"sqlite_autoincrement": True}) as quote:
        quote.drop_constraint("uq_quote_run_id_key", type_="unique")
    op.create_index("uq_quote_run_id_key", "quote", ["run_id", "key"], unique=True)

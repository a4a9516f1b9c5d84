"""The words of what can be found, as each engine indexes them; ``core.search`` writes and asks."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE plc_search_words USING fts5("
            "title, text, scope, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3')"
        )
        return
    op.execute("CREATE TABLE plc_search_words (place BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
    # whoever writes a post waits a little longer, nobody who searches waits for a list to be worked off
    op.execute("CREATE INDEX ix_plc_search_words_words ON plc_search_words USING gin (words) WITH (fastupdate = off)")


def downgrade() -> None:
    op.execute("DROP TABLE plc_search_words")

# SPDX-License-Identifier: EUPL-1.2
"""Read by alembic: run the revisions on the connection, and in the transaction, that `heitje.store.migrate` hands over.

On SQLite, which can change few things of a table, alembic makes a new one and copies the rows (`render_as_batch`).
"""

from alembic import context

from heitje.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

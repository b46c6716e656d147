"""Run by Alembic on the connection that ``storage.database.migrate`` passes."""

from alembic import context

from mixtape_studio.storage.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

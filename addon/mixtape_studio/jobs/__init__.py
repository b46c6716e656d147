"""Jobs: the table that ranks them, the durable workflow that makes them, the processes that run it.

Every import of DBOS is in this package.
"""

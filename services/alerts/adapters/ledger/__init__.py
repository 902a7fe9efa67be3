"""The ledger in SQL: SQLite for one machine, PostgreSQL for production, one code for both."""

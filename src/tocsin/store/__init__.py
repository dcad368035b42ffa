"""What is kept: tables, migrations, the ledger and the ways to read it, on SQLite and PostgreSQL."""

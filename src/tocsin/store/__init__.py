"""What is kept, on SQLite and PostgreSQL: tables, migrations, the ledger, search and the directory."""

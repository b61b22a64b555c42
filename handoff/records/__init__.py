"""Call history in PostgreSQL."""

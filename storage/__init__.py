"""PostgreSQL: tables, and all SQL of the project: stores write, queries read, `engine` alone commits."""

"""Pages for people, rendered on the server: no script, no cookie, nothing from another host."""

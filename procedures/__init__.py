"""Procedures: the YAML language, its checker, and the packs that are shipped."""

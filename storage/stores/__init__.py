"""Writing: one module per noun. Nothing here commits; `storage.engine` does."""

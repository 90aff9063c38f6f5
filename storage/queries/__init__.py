"""Reading: one module per noun. Nothing here writes."""

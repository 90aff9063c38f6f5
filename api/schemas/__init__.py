"""What goes out of the API, by what it is about."""

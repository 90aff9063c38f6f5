"""What workflows have done outside themselves: classes that are handed the ports they need."""

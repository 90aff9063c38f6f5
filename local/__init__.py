"""Everything Putright needs, as processes of this machine: for a laptop and for the tests."""

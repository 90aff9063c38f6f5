"""Measuring Putright beside bare code of the same shape: `python -m bench`."""

"""The rules of complaint handling: pure Python that reads no clock, no file and no network."""

"""What can go wrong on a laptop, said so that its owner knows what to do."""


class Problem(Exception):
    """The laptop stack cannot start or stop for a reason its owner can mend; `str()` is the message."""

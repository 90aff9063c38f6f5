"""What can go wrong in storage beyond the database being away: typed, and saying what to do."""


class StorageError(Exception):
    """Something stored does not allow what was asked; nothing was written."""


class RecordingGap(StorageError):
    """Events before the recorded ones are missing: the database is behind the workflow.

    That is so after a database was restored to an earlier time; the complaint's events have to be brought
    back from its workflow before it can go on.
    """


class UnknownComplaint(StorageError):
    """There is no complaint with that reference: it never went through intake."""


class VersionTaken(StorageError):
    """The same name and version of a procedure is stored with another content; give it a new version."""


class KeyReused(StorageError):
    """An idempotency key came again with another request; every request needs a key of its own."""


class UnknownPerson(StorageError):
    """There is no person with that id in the directory."""


class UnknownUnit(StorageError):
    """There is no unit with that id in the directory."""


class UnknownVersion(StorageError):
    """There is no such version of a procedure; load it first."""

"""What can go wrong with a store."""


class StoreError(Exception):
    """Any trouble with the store."""


class StoreUnavailable(StoreError):
    """The engine cannot be reached, or its disk is full or failed. Nothing was written; try again later."""


class TookTooLong(StoreError):
    """A search did not end within its time limit."""


class TooManyGroups(StoreError):
    """What was counted falls into more groups than an answer can hold."""


class Undurable(StoreError):
    """The engine is set up so that acknowledged events can be lost."""


class SchemaTooNew(StoreError):
    """The store was written by a newer Tocsin than this one."""


class SchemaTooOld(StoreError):
    """The store has to be migrated first."""


class Conflict(StoreError):
    """A name or id is taken already."""


class NotFound(StoreError):
    """There is no such thing in this domain."""

"""All that a server is made of, imported once for those that are forked."""

import gc

import tocsin.cli.commands.serve
import tocsin.server.serve  # noqa: F401

# Looked through by a collection of a fork, it would be copied for it.
gc.freeze()

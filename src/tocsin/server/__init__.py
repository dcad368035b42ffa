"""The composition root: settings, the parts put together, the process that serves."""

"""The composition root: settings, the ASGI application and its start and stop."""

"""Opsview's REST API, under /rest: sessions, events, and what monitoring scripts ask besides."""

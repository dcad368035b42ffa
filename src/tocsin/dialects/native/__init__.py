"""Tocsin's own shape of an event, as `POST /api/v1/events` and `/in/` take it."""

"""The native HTTP API under /api/v1, health and metrics."""

"""The native HTTP API, `/api/v1`, and what surrounds it: `/in/`, health, metrics, OpenAPI."""

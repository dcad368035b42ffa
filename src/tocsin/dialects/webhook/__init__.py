"""Webhooks: events posted as JSON, signed after Standard Webhooks 1.0.0."""

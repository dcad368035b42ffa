"""Prometheus Alertmanager's webhook."""

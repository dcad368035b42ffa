"""Grafana's webhook: its legacy alerts, its unified alerting, and either inside an SNS message."""

"""Jira's webhook."""

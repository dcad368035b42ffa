"""Datadog's webhook with Cloudforet's template."""

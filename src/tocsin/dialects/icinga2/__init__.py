"""Icinga 2, whose event stream Tocsin fetches."""

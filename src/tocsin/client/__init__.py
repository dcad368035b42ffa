"""Clients of the native API; they import nothing else of Tocsin."""

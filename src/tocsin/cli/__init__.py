"""The command tocsin."""

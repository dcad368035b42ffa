"""The words of Tocsin as types, and every decision about them, pure: no I/O, no clock, no engine."""

"""What the tests of the dialect share: one server for a file of tests, a domain for each of them."""

from tests.unit.api.conftest import served, stranger, tenant

__all__ = ["served", "stranger", "tenant"]

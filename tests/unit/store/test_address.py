"""The address of a store: what is taken, how each driver gets it, and that a fault tells no password."""

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from tocsin.store.address import libpq_address, parse_address
from tocsin.store.database import open_database


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "",
        "postgresql:/tocsin:secret@db/tocsin",
        "postgresql://tocsin:secret@db:port/tocsin",
        "mysql://tocsin:secret@db/tocsin",
    ],
)
def test_what_is_no_address_is_told_by_its_setting_without_the_password(address: str) -> None:
    with pytest.raises(ValueError, match=r"^database: ") as fault:
        open_database(address)
    assert "secret" not in str(fault.value)
    assert fault.value.__suppress_context__ or fault.value.__context__ is None


@pytest.mark.parametrize("name", ["sslmode", "ssl"])
def test_each_driver_gets_the_mode_of_tls_by_its_own_name(name: str) -> None:
    url = parse_address(f"postgresql://tocsin:s%40cret@db/tocsin?{name}=require")
    _, keywords = create_async_engine(url).dialect.create_connect_args(url)
    assert (keywords["ssl"], keywords["password"]) == ("require", "s@cret")
    assert "sslmode" not in keywords
    assert libpq_address(url) == "postgresql://tocsin:s%40cret@db/tocsin?sslmode=require"


def test_an_address_without_tls_stays_as_it_is() -> None:
    address = "postgresql://tocsin@db:5433/tocsin?application_name=hub"
    assert libpq_address(parse_address(address)) == address
    assert parse_address("sqlite:///data/tocsin.db").database == "data/tocsin.db"

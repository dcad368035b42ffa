import subprocess
import sys
from importlib.metadata import version

import pytest

import tocsin

SERVER_LIBRARIES = {"alembic", "litestar", "sqlalchemy", "uvicorn"}
SERVER_PARTS = {"tocsin.hub", "tocsin.store", "tocsin.server", "tocsin.api", "tocsin.model", "tocsin.query"}


def loaded_by(statement: str) -> set[str]:
    """Return the modules that are loaded after a statement in a fresh interpreter."""
    program = f"import sys; {statement}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_importing_the_package_loads_nothing_else() -> None:
    loaded = loaded_by("import tocsin")
    assert "tocsin" in loaded
    assert loaded & (SERVER_LIBRARIES | {"httpx2", "stamina", "importlib.metadata"}) == set()
    assert [name for name in loaded if name.startswith("tocsin.")] == []


def test_the_version_is_that_of_the_installed_package() -> None:
    assert tocsin.__version__ == version("tocsin")


def test_victorops_is_found_at_its_first_use_and_loads_no_server() -> None:
    loaded = loaded_by("from tocsin import victorops; victorops.event, victorops.asend")
    assert "tocsin.dialects.victorops" in loaded
    assert loaded & (SERVER_LIBRARIES | SERVER_PARTS) == set()


@pytest.mark.parametrize("name", ["AsyncClient", "Client", "Event", "TocsinHandler", "job"])
def test_the_client_is_found_at_its_first_use_and_loads_no_server(name: str) -> None:
    loaded = loaded_by(f"from tocsin import {name}")
    assert loaded & (SERVER_LIBRARIES | SERVER_PARTS | {"stamina"}) == set()


def test_every_public_name_exists_and_is_listed() -> None:
    for name in tocsin.__all__:
        assert getattr(tocsin, name)
    assert set(tocsin.__all__) <= set(dir(tocsin))


def test_public_names_are_listed_before_their_first_use() -> None:
    program = "import tocsin; print('victorops' in vars(tocsin), 'victorops' in dir(tocsin))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'tocsin' has no attribute 'nothing'"):
        _ = tocsin.nothing


def test_the_public_names_of_victorops() -> None:
    from tocsin import victorops

    assert victorops.alert is victorops.event
    for name in victorops.__all__:
        assert callable(getattr(victorops, name)) or name == "MESSAGE_TYPES"

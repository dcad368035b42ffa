"""What one request is answered is kept with what it does, and found again on both stores."""

import pytest
from sqlalchemy import Connection

from tests.contract.scene import Scene, new_source
from tocsin.model.submission import Once, Standing
from tocsin.store.repetitions import recall, remember

pytestmark = pytest.mark.anyio


async def asked(scene: Scene, domain_id: str, key: str, fingerprint: str = "f") -> tuple[str, Standing]:
    """Give what was kept for a key, and how a request with it stands."""
    once = Once(key, fingerprint)
    answer = await scene.database.write(lambda connection: recall(connection, domain_id, once))
    return answer, once.standing


async def test_what_is_kept_is_found_by_its_key(scene: Scene) -> None:
    domain_id = scene.source.domain_id
    await new_source(scene.database, "umbrella")
    assert await asked(scene, domain_id, "k") == ("", Standing.NEW)
    await scene.database.write(
        lambda connection: remember(connection, domain_id, Once("k", "f"), "route-1", scene.clock.now)
    )
    assert await asked(scene, domain_id, "k") == ("route-1", Standing.REPEATED)
    assert await asked(scene, domain_id, "k", "another") == ("route-1", Standing.OTHER)
    assert await asked(scene, domain_id, "other") == ("", Standing.NEW)
    assert await asked(scene, "umbrella", "k") == ("", Standing.NEW)


async def test_what_is_not_committed_is_not_kept(scene: Scene) -> None:
    def fail(connection: Connection) -> None:
        remember(connection, scene.source.domain_id, Once("k", "f"), "route-1", 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await scene.database.write(fail)
    assert await asked(scene, scene.source.domain_id, "k") == ("", Standing.NEW)

"""The console: what is served to browsers, and how."""

import gzip
import json
import re
from pathlib import Path

import httpx2
import pytest

from tests.unit.server.in_process import ADDRESS, serving_on_sqlite
from tocsin.query.fields import ALERT_FIELDS, AUDIT_FIELDS, EVENT_FIELDS, OBJECT_FIELDS
from tocsin.server.console import BUILT, Console
from tocsin.server.formats import FORMATS

pytestmark = pytest.mark.anyio

SOURCE = Path(__file__).resolve().parents[3] / "console"
SCRIPT_BYTES = 150_000


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A console as the build leaves it, with one of each."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Tocsin</title>")
    (tmp_path / "assets/index-abc.js").write_text("let x = 1;" * 100)
    (tmp_path / "notes.txt").write_text("not for browsers")
    return tmp_path


async def ask(console: Console, path: str, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(console), base_url=ADDRESS) as client:
        return await client.get(path, headers={"Accept-Encoding": "identity"} | headers)


async def test_every_page_is_the_document_which_is_asked_for_anew(built: Path) -> None:
    console = Console(built)
    for path in (
        "/",
        "/events",
        "/silences",
        "/alerts",
        "/alerts/alert-000000000001",
        "/sources",
        "/sources/a b/c",
    ):
        answer = await ask(console, path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.headers["cache-control"] == "no-cache"
        again = await ask(console, path, **{"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_what_has_its_hash_in_its_name_is_kept_by_browsers(built: Path) -> None:
    console = Console(built)
    plain = await ask(console, "/assets/index-abc.js")
    assert "immutable" in plain.headers["cache-control"]
    packed = await ask(console, "/assets/index-abc.js", **{"Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert plain.headers["vary"] == "Accept-Encoding"


async def test_nothing_on_a_page_may_come_from_elsewhere_or_stand_in_line(built: Path) -> None:
    answer = await ask(Console(built), "/")
    policy = dict(each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_browser_is_told_that_there_is_no_such_page(built: Path) -> None:
    console = Console(built, others={"api"})
    html = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
    assert console.takes("GET", "/nosuchpage", html)
    assert not console.takes("GET", "/nosuchpage", "application/json, text/html")
    assert not console.takes("POST", "/nosuchpage", html)
    assert not console.takes("GET", "/api/v1/nothing", html)
    # As of all of a server: "GET *".
    assert console.takes("GET", "*", html)
    answer = await ask(console, "/nosuchpage", Accept=html)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    again = await ask(console, "/nosuchpage", **{"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 404


def test_it_takes_its_own_paths_only(built: Path, tmp_path: Path) -> None:
    console = Console(built)
    asked = [
        "/",
        "/assets/index-abc.js",
        "/notes.txt",
        "/api/v1/events",
        "/x",
        "//",
        "/assets/../notes.txt",
        "",
    ]
    assert [path for path in asked if console.takes("GET", path)] == ["/", "/assets/index-abc.js"]
    assert not console.takes("POST", "/")
    assert not Console(tmp_path / "absent").takes("GET", "/")


async def test_it_stands_beside_the_api(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path) as served:
        page = await served.client.get("/")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["cache-control"] == "no-cache"
        assert (await served.client.post("/", json={})).headers["content-type"] == "application/problem+json"
        assert (await served.client.get("/healthz")).text == "ok\n"


def test_the_console_knows_the_fields_of_expressions() -> None:
    known_fields = {
        "events": EVENT_FIELDS,
        "alerts": ALERT_FIELDS,
        "objects": OBJECT_FIELDS,
        "audit": AUDIT_FIELDS,
    }
    for name, fields in known_fields.items():
        known = json.loads((SOURCE / "src/query/fields.json").read_text(encoding="utf-8"))[name]
        assert {each: (spec["type"], tuple(spec.get("values", ()))) for each, spec in known.items()} == {
            field.name: (field.type, field.values) for field in fields.by_name.values()
        }


def test_what_a_page_loads_is_small() -> None:
    scripts = {path.name: path.read_text(encoding="utf-8") for path in BUILT.rglob("*.js")}
    sizes = {name: len(gzip.compress(script.encode())) for name, script in scripts.items()}
    document = (BUILT / "index.html").read_text(encoding="utf-8")
    first = set(re.findall(r'<script [^>]*src="/(?:assets/)?([^"]+)"', document))
    loaded = {"": needed(scripts, first)}
    to_do = [""]
    while to_do:
        before = loaded[to_do.pop()]
        pages = {
            page
            for name in before
            for page in re.findall(r'import\([`"]\./([^`"]+\.js)[`"]\)', scripts[name])
        }
        for page in pages - set(loaded):
            loaded[page] = before | needed(scripts, {page})
            to_do.append(page)
    assert len(loaded) > 5
    assert set().union(*loaded.values()) == set(scripts)
    large = {
        page: sum(sizes[name] for name in names)
        for page, names in loaded.items()
        if sum(sizes[name] for name in names) >= SCRIPT_BYTES
    }
    assert large == {}


def needed(scripts: dict[str, str], names: set[str]) -> set[str]:
    """Give some scripts with all that they load at once."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += re.findall(r'(?:from|import)"\./([^"]+\.js)"', scripts[name])
            left += re.findall(r"/assets/(worker-[^\"'`]+\.js)", scripts[name])
    return found


def test_the_document_has_nothing_in_line() -> None:
    document = (BUILT / "index.html").read_text(encoding="utf-8")
    assert "style=" not in document
    assert "<style" not in document
    assert [each for each in document.split("<script")[1:] if 'src="/' not in each.split(">")[0]] == []


def test_the_console_knows_the_formats_of_sources() -> None:
    written = (SOURCE / "src/query/connect.ts").read_text(encoding="utf-8")
    listed = written.split("FORMATS = [")[1].split("] as const")[0]
    assert sorted(re.findall(r'"([a-z0-9_-]+)"', listed)) == sorted(FORMATS)

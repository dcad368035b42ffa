"""The rules of the house that no linter knows."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "console", "tests", "tools", "docs", "deploy", "examples", ".ci")
MADE = {"__pycache__", "node_modules"}
BUILT = [CHECKOUT / "src/tocsin/console", CHECKOUT / "console/types"]
CODE = {".py", ".pyi", ".sh", ".c", ".ts", ".svelte", ".css", ".sql", ".lark"}
LONGEST = 500

VAGUE = re.compile(r"_*(utils?|helpers?|common|misc|base)")

# Where packages come from is the business of the machine that installs them. Written in parts, so that this
# file obeys its own rule.
INDEX_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
    )
)


def project_files() -> Iterator[Path]:
    """Yield every file of the project, apart from what programs make."""
    yield from (path for path in CHECKOUT.iterdir() if path.is_file())
    for folder in FOLDERS:
        yield from files_in(CHECKOUT / folder)


def files_in(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_file():
            yield path
        elif path.name not in MADE and path not in BUILT:
            yield from files_in(path)


def relative(paths: Iterator[Path]) -> list[str]:
    return sorted(str(path.relative_to(CHECKOUT)) for path in paths)


def test_the_files_of_the_project_are_found() -> None:
    names = relative(project_files())
    known = {
        "Makefile",
        ".ci/run",
        "src/tocsin/cli/__init__.py",
        "tests/unit/test_house.py",
        "console/src/main.ts",
    }
    assert known <= set(names)


def test_no_code_file_is_longer_than_its_limit() -> None:
    long = (
        path
        for path in project_files()
        if path.suffix in CODE and len(path.read_text(encoding="utf-8").splitlines()) > LONGEST
    )
    assert relative(long) == []


def test_every_module_has_a_name_that_says_something() -> None:
    vague = (
        path
        for path in (CHECKOUT / "src").rglob("*.py")
        if any(VAGUE.fullmatch(part) for part in (*path.relative_to(CHECKOUT).parts[:-1], path.stem))
    )
    assert relative(vague) == []


def test_no_file_names_a_package_index() -> None:
    def names_index(path: Path) -> bool:
        text = path.read_text(encoding="utf-8", errors="replace")
        return any(host in text for host in INDEX_HOSTS)

    assert relative(path for path in project_files() if names_index(path)) == []


@pytest.mark.parametrize(
    "name",
    ["constraints.txt", "constraints-elastalert.txt", "constraints-opsview.txt", "constraints-spacectl.txt"],
)
def test_constraints_are_a_plain_list_of_versions(name: str) -> None:
    lines = (CHECKOUT / name).read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.+!]*", line)] == []


def test_every_dependency_is_constrained() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    constrained = {
        line.partition("==")[0]
        for line in (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    wanted = {
        re.split(r"[<>=~!;\[ ]", requirement, maxsplit=1)[0].lower()
        for requirement in (*project["project"]["dependencies"], *project["dependency-groups"]["dev"])
    }
    assert wanted
    assert wanted - constrained == set()


def test_every_target_of_the_makefile_is_explained() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    explained = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)
    assert sorted(explained) == sorted(phony[1].split())

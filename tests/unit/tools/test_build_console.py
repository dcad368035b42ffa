"""The build of the console: when it is done again, and what it needs."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from tools import build_console
from tools.build_console import ConsoleHook, Failed, is_current


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose console was just built."""
    source, modules, built = tmp_path / "console", tmp_path / "console/node_modules", tmp_path / "built"
    for folder in (source / "src", modules, built):
        folder.mkdir(parents=True)
    monkeypatch.delenv("TOCSIN_NO_CONSOLE", raising=False)
    monkeypatch.setattr(build_console, "CHECKOUT", tmp_path)
    monkeypatch.setattr(build_console, "SOURCE", source)
    monkeypatch.setattr(build_console, "BUILT", built)
    monkeypatch.setattr(build_console, "_MODULES", modules)
    monkeypatch.setattr(build_console, "_BUILT_FROM", built / ".built-from")
    monkeypatch.setattr(build_console, "_INSTALLED_FROM", modules / ".installed-from")
    monkeypatch.setattr(build_console, "node", Mock())
    for name in ("package.json", "package-lock.json", "src/main.ts"):
        (source / name).write_text(name)
    build_console.build()
    return tmp_path


def hook() -> ConsoleHook:
    return ConsoleHook("", {}, Mock(), Mock(), "", "wheel", Mock())


def commands() -> list[str]:
    node = build_console.node
    assert isinstance(node, Mock)
    return [call.args[1] for call in node.call_args_list]


def test_what_is_built_of_the_same_source_is_kept(checkout: Path) -> None:
    assert is_current()
    assert commands() == ["ci", "build"]
    assert hook().dependencies() == []
    (checkout / "console/node_modules/svelte").write_text("no source")
    data: dict[str, list[str]] = {"artifacts": []}
    hook().initialize("editable", data)
    assert commands() == ["ci", "build"]
    assert data == {"artifacts": ["/built/"]}


def test_a_change_of_the_source_is_built_with_what_is_installed(checkout: Path) -> None:
    (checkout / "console/src/main.ts").write_text("changed")
    assert not is_current()
    assert hook().dependencies() == [build_console.NODE]
    hook().initialize("standard", {"artifacts": []})
    assert commands() == ["ci", "build", "build"]
    assert is_current()


def test_other_versions_of_libraries_are_installed(checkout: Path) -> None:
    (checkout / "console/package-lock.json").write_text("others")
    build_console.build()
    assert commands() == ["ci", "build", "ci", "build"]
    build_console.install(with_checks=True)
    build_console.install(with_checks=False)
    assert commands() == ["ci", "build", "ci", "build", "ci"]


def test_without_the_console_nothing_is_needed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "built/.built-from").unlink()
    monkeypatch.setenv("TOCSIN_NO_CONSOLE", "1")
    data: dict[str, list[str]] = {"artifacts": []}
    assert hook().dependencies() == []
    hook().initialize("standard", data)
    assert data == {"artifacts": []}
    assert commands() == ["ci", "build"]


def test_a_build_that_fails_says_what_to_do(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "console/src/main.ts").write_text("changed")
    monkeypatch.setattr(build_console, "node", Mock(side_effect=Failed("npm-cli.js ci failed")))
    failing = hook()
    failing.initialize("standard", {"artifacts": []})
    (said,) = failing.app.abort.call_args.args  # type: ignore[attr-defined]
    assert "npm-cli.js ci failed" in said
    assert "TOCSIN_NO_CONSOLE=1" in said

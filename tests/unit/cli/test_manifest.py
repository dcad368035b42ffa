"""Files of configuration: read whole, or refused with the line of what is wrong."""

from pathlib import Path

import pytest
from msgspec import UNSET

from tocsin.cli.failures import UsageError
from tocsin.cli.manifest import Manifest
from tocsin.cli.planning import KINDS
from tocsin.model.world.written import WrittenWorld

GOOD = """\
sources:
  - name: databases
    options: {rate_limit: 5}
targets:
  - name: chat
    kind: webhook
    url: https://chat.example.com/s3cret
routes:
  - name: all
    targets: [chat]
  - name: rest
    fallback: true
silences:
  - {expression: host:web-*, ends_at: 2030-01-01 14:00:00}
roles:
  - {name: on-call, permissions: [VIEWALL]}
users:
  - {name: ann, role: on-call}
"""


def manifest(folder: Path, text: str) -> Manifest:
    file = folder / "it.yaml"
    file.write_text(text, encoding="utf-8")
    return Manifest(str(file))


def test_what_is_left_out_is_not_said(tmp_path: Path) -> None:
    sections = manifest(tmp_path, GOOD).sections
    (source,) = sections.sources
    assert (source.name, source.options, source.format) == ("databases", {"rate_limit": 5}, UNSET)
    assert [route.targets for route in sections.routes] == [["chat"], UNSET]


@pytest.mark.parametrize(
    "ends_at", ["2030-01-01T14:00:00Z", "2030-01-01 15:00:00+01:00", "'2030-01-01T14:00:00.000000Z'"]
)
def test_a_silence_is_known_by_its_expression_and_its_end(tmp_path: Path, ends_at: str) -> None:
    text = GOOD.replace(
        "roles:", f"  - {{expression: host:web-*, ends_at: {ends_at}, comment: again}}\nroles:"
    )
    with pytest.raises(UsageError) as caught:
        manifest(tmp_path, text)
    assert "silences[1].name: there is another host:web-* until 2030-01-01T14:00:00Z" in str(caught.value)


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert manifest(tmp_path, "# nothing yet\n").sections.routes == []


def test_the_planned_kinds_have_all_that_a_file_can_say(tmp_path: Path) -> None:
    sections = manifest(tmp_path, GOOD).sections
    planned = tuple(kind.section for kind in KINDS)
    assert (*WrittenWorld.__struct_fields__, *planned) == sections.__struct_fields__
    for kind in KINDS:
        (first, *_) = getattr(sections, kind.section)
        assert kind.fields == first.__struct_fields__


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: databases", "name: [", "it.yaml:4: "),
        ("name: all", "name: all: x", "it.yaml:9: "),
        ("routes:", "rouutes:", "it.yaml:1: object contains unknown field `rouutes`"),
        ("name: chat", "nam: chat", "it.yaml:5: targets[0]: object contains unknown field `nam`"),
        (
            "kind: webhook",
            "kind: pigeon",
            "it.yaml:6: targets[0].kind: invalid enum value 'pigeon': expected one of victorops, webhook",
        ),
        ("options: {rate_limit: 5}", "format: nagiox", "it.yaml:3: sources[0].format: expected one of "),
        ("rate_limit: 5", "rate_limit: x", "it.yaml:3: sources[0].options.rate_limit: expected `int`"),
        ("rate_limit: 5", "speed: 5", "it.yaml:3: sources[0].options: object contains unknown field `speed`"),
        ("targets: [chat]", "targets: chat", "it.yaml:10: routes[0].targets: expected `array`"),
        ("fallback: true", "fallback: 1", "it.yaml:12: routes[1].fallback: expected `bool`"),
        ("fallback: true", "expression: severity>=bad", "it.yaml:12: routes[1].expression: expected one of"),
        ("fallback: true", "expression: occurred>-2h", "it.yaml:12: routes[1].expression: occurred: not in"),
        ("name: rest", "name: all", "it.yaml:11: routes[1].name: there is another all"),
        ("kind: webhook", "secret: ''", "it.yaml:6: targets[0].secret: expected whsec_"),
        ("expression: host:web-*", "expression: host~(", "it.yaml:14: silences[0].expression: "),
        ("2030-01-01 14:00:00", "soon", "it.yaml:14: silences[0].ends_at: invalid RFC3339"),
        (
            ", ends_at: 2030-01-01 14:00:00",
            "",
            "it.yaml:14: silences[0]: object missing required field `ends_at`",
        ),
        ("[VIEWALL]", "[EVERYTHING]", "it.yaml:16: roles[0].permissions[0]: invalid enum value 'EVERYTHING'"),
        ("[VIEWALL]", "[VIEWSOME], scope: disk", "it.yaml:16: roles[0].scope: expected a field"),
        ("role: on-call", "password: x", "it.yaml:18: users[0]: object contains unknown field `password`"),
        (GOOD, "- a\n- b\n", "it.yaml:1: expected `object`, got `array`"),
    ],
)
def test_what_is_wrong_has_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(UsageError) as caught:
        manifest(tmp_path, GOOD.replace(old, new, 1))
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yaml: No such file"):
        Manifest(str(tmp_path / "nowhere.yaml"))
    (tmp_path / "latin.yaml").write_bytes(b"routes: [{name: \xe4}]")
    with pytest.raises(UsageError, match=r"latin\.yaml: not UTF-8"):
        Manifest(str(tmp_path / "latin.yaml"))


def test_nothing_in_a_file_runs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"it\.yaml:1: could not determine a constructor"):
        manifest(tmp_path, "routes: !!python/object/apply:os.getcwd []\n")

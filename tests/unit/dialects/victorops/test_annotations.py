"""Annotations: which are links, and what they are called."""

import pytest

from tocsin.dialects.victorops.annotations import read_annotation
from tocsin.model.signal import Link


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("vo_annotate.u.Runbook", Link("https://x/y", "Runbook")),
        ("vo_annotate.u.Runbook v1.2 (new)", Link("https://x/y", "Runbook v1.2 (new)")),
        ("vo_annotate.u.", Link("https://x/y")),
        ("vo_annotate.u", Link("https://x/y")),
        ("vo_annotate.i.Graph", Link("https://x/y", "Graph", "image")),
    ],
)
def test_addresses_and_images_are_links_called_by_their_title(name: str, link: Link) -> None:
    assert read_annotation(name, "https://x/y") == link


@pytest.mark.parametrize(
    "name", ["vo_annotate.s.Note", "vo_annotate.n.Note", "vo_annotate.", "vo_annotate.U.x"]
)
def test_notes_are_no_links(name: str) -> None:
    assert read_annotation(name, "https://x/y") is None


@pytest.mark.parametrize("text", ["", "javascript:alert(1)", "see the wiki"])
def test_what_leads_nowhere_is_no_link(text: str) -> None:
    assert read_annotation("vo_annotate.u.Runbook", text) is None

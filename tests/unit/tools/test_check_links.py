from pathlib import Path

from tools.check_links import anchors, dead_links


def test_anchors_follow_the_headings() -> None:
    page = "# The hub: in & out\n\n```\n# no heading\n```\n\n## Same\n\n## Same\n\n## `tocsin serve`\n"
    assert anchors(page) == {"the-hub-in--out", "same", "same-1", "tocsin-serve"}


def test_links_that_lead_somewhere_are_not_reported(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A heading\n")
    page = tmp_path / "page.md"
    page.write_text("# Top\n\n[a](other.md#a-heading) [b](#top) [c](https://example.org/x) `[d](gone.md)`\n")
    assert list(dead_links(page)) == []


def test_links_that_lead_nowhere_are_reported(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A heading\n")
    page = tmp_path / "page.md"
    page.write_text("[a](gone.md) [b](other.md#gone) [c](#gone)\n")
    assert list(dead_links(page)) == ["gone.md", "other.md#gone", "#gone"]

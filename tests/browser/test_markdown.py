"""Description and output that are marked as Markdown in a browser, against a running Tocsin."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)

DESCRIPTION = "See [the wiki](https://wiki.example/disk) or <operators@wiki.example>"
OUTPUT = """\
# Pools

| pool | used |
|---|---|
| **tank** | `97 %` |

3. Grow it
4. Or clean it

```
zpool  list
```
"""
HOSTILE = """\
<script>window.ran = 1</script>
<img src=x onerror="window.ran = 1"> <svg onload="window.ran = 1"></svg>

[one](javascript:window.ran=1) [two](data:text/html,<script>window.ran=1</script>) [three](/api/v1/session)
![the pixel](https://evil.example/pixel.png) ![](data:image/svg+xml,<svg/onload=window.ran=1>)

<iframe srcdoc="<script>parent.ran = 1</script>"></iframe>
"""


def test_markdown_is_shown_so_and_as_it_was_written(tocsin: Tocsin, visitor: Visitor) -> None:
    more = {"description": DESCRIPTION, "output": OUTPUT}
    send(tocsin, problem("marked-db1", "disk", "Disk full", markdown=True, **more))
    send(tocsin, problem("unmarked-db1", "disk", "Disk full", **more))
    page = visitor.page
    panel = page.get_by_role("complementary", name="Event")
    visitor.go_as_admin("/events?q=host:marked-db1")
    visitor.rows("Events").first.click()
    expect(panel.get_by_role("heading", name="Pools")).to_be_visible()
    expect(panel.get_by_role("row", name="tank 97 %").locator("strong")).to_have_text("tank")
    expect(panel.locator("ol")).to_have_attribute("start", "3")
    assert panel.locator(".markdown pre").text_content() == "zpool  list\n"
    for name, address in {
        "the wiki": "https://wiki.example/disk",
        "operators@wiki.example": "mailto:operators@wiki.example",
    }.items():
        link = panel.get_by_role("link", name=name)
        expect(link).to_have_attribute("href", address)
        expect(link).to_have_attribute("rel", "noreferrer noopener")
    assert visitor.grave_faults() == []

    panel.get_by_role("button", name="As it was written").click()
    assert panel.locator("pre").first.text_content() == OUTPUT
    expect(panel.get_by_text(DESCRIPTION, exact=True)).to_be_visible()
    expect(panel.get_by_role("heading", name="Pools")).to_have_count(0)

    visitor.go("/events?q=host:unmarked-db1")
    visitor.rows("Events").first.click()
    expect(panel.get_by_text(DESCRIPTION, exact=True)).to_be_visible()
    expect(panel.get_by_role("button", name="As it was written")).to_have_count(0)


def test_markdown_of_somebody_hostile_is_text(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("hostile-db1", "disk", "Disk full", markdown=True, output=HOSTILE))
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visitor.go_as_admin("/events?q=host:hostile-db1")
    visitor.rows("Events").first.click()
    shown = page.locator(".markdown")
    expect(shown).to_contain_text("<script>window.ran = 1</script>")
    expect(shown).to_contain_text("[one](javascript:window.ran=1)")
    expect(shown).to_contain_text("the pixel")
    expect(shown.locator("script, img, svg, iframe, a")).to_have_count(0)
    assert page.evaluate("window.ran === undefined")
    assert [url for url in asked if not url.startswith(tocsin.url)] == []

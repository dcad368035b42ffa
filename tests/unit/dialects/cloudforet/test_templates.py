"""Templates: what they can say, and that nobody can make them run for long or grow."""

from typing import Any

import pytest

from tocsin.dialects.cloudforet.templates import NAMES_LIMIT, RESULT_LIMIT, TEMPLATE_LIMIT, render
from tocsin.dialects.errors import BadPayload

DATA: dict[str, Any] = {
    "alert": {"name": "Disk", "tags": ["a", "b"], "items": [1], "hosts": [{"name": "x"}, 5, {"name": "y"}]},
    "severity": "high",
    "long": "a" * RESULT_LIMIT,
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain\n", "plain\n"),
        ("{{ alert.name|upper }}!", "DISK!"),
        ("{% if severity == 'high' %}CRITICAL{% elif severity %}INFO{% endif %}", "CRITICAL"),
        ("{{ alert.tags|join(', ') }}", "a, b"),
        ("{{ alert.hosts|map(attribute='name')|join('-') }}", "x-y"),
        ("{{ missing.a.b }}|{{ alert.tags[7] }}|{{ severity.x }}", "||"),
        ("{{ missing|default('?') }}", "?"),
        ("{{ alert.items|tojson }}", "[1]"),
        ("{{ alert.tags[0] ~ (1 + 2) }}", "a3"),
        ("{{ severity|replace('high', 'low') }}", "low"),
        ("{{ ''.__class__ }}{{ alert.__class__ }}{{ severity.upper }}", ""),
        ("{{ '<b>' }}", "<b>"),
        (r"{{ 'a\x00\ud800' }}", "a?"),
    ],
)
def test_a_template_gives_text(template: str, text: str) -> None:
    assert render(template, DATA) == text


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% for x in alert.tags %}{% endfor %}", "line 1 of the template: For is not taken"),
        ("{{ alert.name.upper() }}", "line 1 of the template: Call is not taken"),
        ("\n{% set a = 1 %}", "line 2 of the template: Assign is not taken"),
        ("{{ 'a' * 10**9 }}", "line 1 of the template: "),
        ("{% macro a() %}{% endmacro %}", "line 1 of the template: Macro is not taken"),
        ("{% include 'x' %}", "line 1 of the template: Include is not taken"),
        ("{{ severity|attr('x') }}", "the template cannot be rendered: No filter named 'attr'."),
        ("{{", "the template cannot be rendered: unexpected 'end of template'"),
        ("{{ 1 + severity }}", "the template cannot be rendered: a value has the wrong type"),
        ("{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}", "the template cannot be rendered: "),
        ("x" * (TEMPLATE_LIMIT + 1), f"the template is longer than {TEMPLATE_LIMIT} characters"),
        ("{{ a }}" * (NAMES_LIMIT + 1), f"the template names more than {NAMES_LIMIT} values"),
        ("{{ long ~ 'b' }}", f"it gives more than {RESULT_LIMIT} characters"),
        ("{{ long }}{{ long }}", f"it gives more than {RESULT_LIMIT} characters"),
        ("{{ long|replace('a', 'bb') }}", f"a filter gives more than {RESULT_LIMIT} characters"),
        ("{{ long|list|join(', ') }}", f"a filter gives more than {RESULT_LIMIT} characters"),
    ],
)
def test_a_template_that_says_too_much_is_refused(template: str, reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        render(template, DATA)
    assert str(caught.value).startswith(reason)

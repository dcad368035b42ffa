import pytest

from tests.unit.query.records import NOW
from tocsin.query.errors import QueryError
from tocsin.query.fields import EVENT_FIELDS, label_field
from tocsin.query.language import MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse
from tocsin.query.pattern import Pattern
from tocsin.query.tree import All, And, Comparison, Expression, Not, Operator, Or, Text

A, B, C = Text("a"), Text("b"), Text("c")


def read(text: str) -> Expression:
    return parse(text, EVENT_FIELDS, NOW)


def label(name: str, value: str) -> Comparison:
    return Comparison(label_field(name), Operator.MATCHES, Pattern((value,)))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", All()),
        (" \n\t ", All()),
        ("a", A),
        (" a ", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a b OR c", Or((And((A, B)), C))),
        ("a OR b AND c", Or((A, And((B, C))))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("a (b c)", And((A, B, C))),
        ("(a OR b) OR c", Or((A, B, C))),
        ("((a))", A),
        ("(a)b (c)", And((A, B, C))),
        ("-a", Not(A)),
        ("NOT a", Not(A)),
        ("NOT a b", And((Not(A), B))),
        ("NOT (a b)", Not(And((A, B)))),
        ("NOT(a b)", Not(And((A, B)))),
        ("-(a OR b)", Not(Or((A, B)))),
        ("--a", Not(Not(A))),
        ("-NOT a", Not(Not(A))),
        ("a AND NOT b", And((A, Not(B)))),
        ("a OR -b", Or((A, Not(B)))),
        ('NOT"a"', Not(A)),
        ("a AND(b)", And((A, B))),
    ],
)
def test_terms_are_joined(text: str, tree: Expression) -> None:
    assert read(text) == tree


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Disk", "disk"),
        ('"Disk full"', "disk full"),
        ('"say \\"hi\\""', 'say "hi"'),
        ("10:30", "10:30"),
        ("/var/log", "/var/log"),
        ("user@host:22", "user@host:22"),
        ("web-01", "web-01"),
        ("wow!", "wow!"),
        ("50%", "50%"),
        ("a*b", "a*b"),
        (r"C\d", r"c\d"),
        ("or", "or"),
        ("ORDER", "order"),
        ('"OR"', "or"),
        ('"host:web"', "host:web"),
        ('"-a"', "-a"),
        ('" "', " "),
        ("Straße", "strasse"),
        ("größe:5", "grösse:5"),
    ],
)
def test_a_word_or_a_phrase_is_looked_for(text: str, folded: str) -> None:
    assert read(text) == Text(folded)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("region:eu", label("region", "eu")),
        ("labels.region:eu", label("region", "eu")),
        ('labels."region":eu', label("region", "eu")),
        ('labels."app.example/name":"a b"', label("app.example/name", "a b")),
        (r'labels."a\"b\\":x', label('a"b\\', "x")),
        ("labels.host:a", label("host", "a")),
        ("http://x", label("http", "//x")),
        ("a:b:c", label("a", "b:c")),
        ("fe80::1", label("fe80", ":1")),
        ('x:""', label("x", "")),
        ("x:OR", label("x", "or")),
        ("x:-y", label("x", "-y")),
        ("-x:y", Not(label("x", "y"))),
        ("(x:y)", label("x", "y")),
        ("x-y_z.1:a", label("x-y_z.1", "a")),
    ],
)
def test_a_name_before_a_colon_is_a_field_or_a_label(text: str, tree: Expression) -> None:
    assert read(text) == tree


@pytest.mark.parametrize("operator", [":", "=", "!=", "<", "<=", ">", ">="])
def test_every_operator_is_read(operator: str) -> None:
    field = EVENT_FIELDS.by_name["seq"]
    expected = Comparison(field, Operator("=" if operator in (":", "!=") else operator), 7)
    assert read(f"seq{operator}7") == (Not(expected) if operator == "!=" else expected)


def test_a_regular_expression_is_read() -> None:
    assert read(r'host~"^(web|db)-\d+$"') == Comparison(
        EVENT_FIELDS.by_name["host"], Operator.REGEX, r"^(web|db)-\d+$"
    )


def test_a_time_is_relative_to_the_now_that_is_given() -> None:
    field = EVENT_FIELDS.by_name["occurred"]
    assert parse("occurred>-2h", EVENT_FIELDS, 7_200_000_001) == Comparison(field, Operator.GREATER, 1)


def test_the_whole_language_at_once() -> None:
    tree = read('severity>=warning host:web-* -source:test "disk full" occurred>-2h labels.region=eu')
    fields = EVENT_FIELDS.by_name
    assert tree == And(
        (
            Comparison(fields["severity"], Operator.GREATER_EQUAL, "warning"),
            Comparison(fields["host"], Operator.MATCHES, Pattern(("web-", ""))),
            Not(Comparison(fields["source"], Operator.MATCHES, Pattern(("test",)))),
            Text("disk full"),
            Comparison(fields["occurred"], Operator.GREATER, NOW - 7_200_000_000),
            Comparison(label_field("region"), Operator.EQUAL, "eu"),
        )
    )


@pytest.mark.parametrize(
    ("text", "message", "wrong"),
    [
        ("a OR", "expected a term before the end", (4, 1)),
        ("a OR ", "expected a term before the end", (5, 1)),
        ("NOT", "expected a term before the end", (3, 1)),
        ("(", "expected a term before the end", (1, 1)),
        ("OR a", "expected a term before `OR`", (0, 2)),
        ("a AND AND b", "expected a term before `AND`", (6, 3)),
        ("a AND OR b", "expected a term before `OR`", (6, 2)),
        ("( )", "expected a term before `)`", (2, 1)),
        ("a )", "expected no `)` here: no parenthesis is open", (2, 1)),
        ("a (b", "expected a `)` that closes this parenthesis", (2, 1)),
        ("a - b", 'expected a term right after `-`; to look for the character write "-"', (2, 1)),
        ("a -", 'expected a term right after `-`; to look for the character write "-"', (2, 1)),
        ('a "b', "expected a second quotation mark that closes this one", (2, 1)),
        ('host:"b\\"', "expected a second quotation mark that closes this one", (5, 1)),
        ('a ""', "expected a word between the quotation marks", (2, 2)),
        ('"a"b', "expected a space here, or quotation marks around the whole", (3, 1)),
        ('a"b"', "expected a space here, or quotation marks around the whole", (1, 1)),
        ("host:a(b)", "expected a space here, or quotation marks around the whole", (6, 1)),
        ("main()", "expected a space here, or quotation marks around the whole", (4, 1)),
        ("host:", 'expected a value right after `:`; the empty text is ""', (5, 1)),
        ("host: web", 'expected a value right after `:`; the empty text is ""', (5, 1)),
        ("host!=)", 'expected a value right after `!=`; the empty text is ""', (6, 1)),
        ("host~(a|b)", 'expected a value right after `~`; the empty text is ""', (5, 1)),
        ("seq >= 3", "expected the name of a field right before this operator, without a space", (4, 2)),
        (":x", "expected the name of a field right before this operator, without a space", (0, 1)),
        ("labels:x", "expected the name of a label: labels.NAME", (0, 6)),
        ("a labels.=x", "expected the name of a label: labels.NAME", (2, 7)),
        ('labels."":x', "expected the name of a label", (7, 2)),
        ('labels."a" x', "expected an operator: one of : = != < <= > >= ~", (10, 1)),
        ('labels."a', "expected a second quotation mark that closes this one", (7, 1)),
        ("a b\0", "expected a character: NUL and lone surrogates are none", (3, 1)),
        ("\ud800", "expected a character: NUL and lone surrogates are none", (0, 1)),
        ("a host<b", "host (text): expected one of : = != ~", (6, 1)),
        ('a host~"("', "expected a regular expression: missing ): (", (7, 3)),
        ("seq=x", "expected a whole number of at most 64 bits", (4, 1)),
    ],
)
def test_an_error_says_what_was_expected_and_where(text: str, message: str, wrong: tuple[int, int]) -> None:
    with pytest.raises(QueryError) as caught:
        read(text)
    assert (caught.value.message, (caught.value.position, caught.value.length)) == (message, wrong)


def test_the_length_is_limited() -> None:
    assert read("a" * MAX_LENGTH) == Text("a" * MAX_LENGTH)
    with pytest.raises(QueryError, match=r"^expected at most 4096 characters, not 4097 "):
        read("a" * (MAX_LENGTH + 1))


@pytest.mark.parametrize(
    ("opening", "closing", "levels"),
    [("(", ")", MAX_DEPTH), ("-", "", MAX_DEPTH), ("NOT ", "", MAX_DEPTH), ("-(", ")", MAX_DEPTH // 2)],
)
def test_the_depth_is_limited(opening: str, closing: str, levels: int) -> None:
    assert isinstance(read(opening * levels + "a" + closing * levels), Text | Not)
    with pytest.raises(
        QueryError, match=r"^expected at most 64 levels of parentheses and negations "
    ) as caught:
        read(opening * (levels + 1) + "a" + closing * (levels + 1))
    assert 0 < caught.value.position <= len(opening) * (levels + 1)


def test_the_number_of_terms_is_limited() -> None:
    assert read("a " * MAX_TERMS) == And((A,) * MAX_TERMS)
    with pytest.raises(QueryError, match=r"^expected at most 256 terms ") as caught:
        read("a " * MAX_TERMS + "b")
    assert caught.value.position == 2 * MAX_TERMS

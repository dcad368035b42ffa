from tocsin.cli.app import app
from tocsin.cli.overview import COMMANDS, first_page


def summary(text: str) -> str:
    """Give the first paragraph of a command's help, in a line."""
    return " ".join(text.partition("\n\n")[0].split())


def test_each_command_is_found_and_says_of_itself_what_the_first_page_says() -> None:
    for command in COMMANDS:
        assert summary(app[command.name].help).startswith(command.summary), command.name


def test_the_first_page_has_each_command_once_in_a_line() -> None:
    lines = first_page().splitlines()
    for command in COMMANDS:
        assert [line.split(None, 1)[1] for line in lines if line.split()[:1] == [command.name]] == [
            command.summary
        ]
    assert max(map(len, lines)) <= 88


def test_every_command_of_the_app_stands_on_the_first_page() -> None:
    assert {name for name in app if not name.startswith("-")} == {command.name for command in COMMANDS}

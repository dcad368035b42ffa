"""Between the messages of the stubs and plain dicts, which is all that handlers know.

A request has the fields that say something: what equals its default is the same as absent, a message that is
there counts even when it is empty. An answer leaves out what it has nothing to say of; JSON shows the default
there. Field names stay as they are.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final, TypeAlias

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from tocsin.dialects.cloudforet.errors import CloudforetError, invalid, invalid_type
from tocsin.dialects.cloudforet.struct import fill_struct, fill_value, plain_struct, plain_value

Plain: TypeAlias = dict[str, Any]

_STRUCT: Final = "google.protobuf.Struct"
_VALUE: Final = "google.protobuf.Value"
_INTEGERS: Final = {
    FieldDescriptor.TYPE_INT32: range(-(2**31), 2**31),
    FieldDescriptor.TYPE_UINT32: range(2**32),
}


def read_message(descriptor: Descriptor, body: bytes) -> Plain:
    """Read a request as gRPC sends it.

    Args:
        descriptor: of its message.
        body: the message on the wire.

    Raises:
        CloudforetError: it is no such message, or holds a number that JSON cannot say, or that is no choice.
    """
    message = GetMessageClass(descriptor)()
    try:
        message.ParseFromString(body)
    except DecodeError:
        raise invalid("", f"no {descriptor.name}, or nested too deep") from None
    return _plain(message)


def write_message(descriptor: Descriptor, answer: Mapping[str, Any]) -> bytes:
    """Write an answer as gRPC sends it."""
    message = GetMessageClass(descriptor)()
    _fill(message, answer)
    return message.SerializeToString()


def read_json(descriptor: Descriptor, document: object) -> Plain:
    """Read a request as REST sends it.

    Args:
        descriptor: of its message.
        document: the decoded body. Its numbers stay as they are.

    Raises:
        CloudforetError: a field that there is not, one of another type, or two names of one field.
    """
    return _checked(descriptor, document, "")


def write_json(descriptor: Descriptor, answer: Mapping[str, Any]) -> Plain:
    """Write an answer as REST sends it: every field, with its default where the answer does not say it."""
    if descriptor.full_name == _STRUCT:
        return dict(answer)
    return {field.name: _shown(field, answer.get(field.name)) for field in descriptor.fields}


def _plain(message: Message) -> Plain:
    found: Plain = {}
    for field, value in message.ListFields():
        read = _reader(field)
        if field.is_repeated:
            found[field.name] = [read(each) for each in value]
        else:
            found[field.name] = read(value)
    return found


def _reader(field: FieldDescriptor) -> Callable[[Any], Any]:
    if field.enum_type is not None:
        choices = field.enum_type
        return lambda number: _name(field.name, choices, number)
    if field.message_type is None:
        return lambda value: value
    return _READERS.get(field.message_type.full_name, _plain)


def _name(place: str, choices: EnumDescriptor, number: int) -> str:
    """Give the name of a choice by its number."""
    if number not in choices.values_by_number:
        raise _no_choice(place, choices)
    name: str = choices.values_by_number[number].name
    return name


_READERS: Final[dict[str, Callable[[Any], Any]]] = {_STRUCT: plain_struct, _VALUE: plain_value}


def _fill(message: Any, answer: Mapping[str, Any]) -> None:
    if message.DESCRIPTOR.full_name == _STRUCT:
        fill_struct(message, answer)
        return
    for name, write in _writers(message.DESCRIPTOR):
        value = answer.get(name)
        if value is not None:
            write(message, name, value)


_WRITERS: Final[dict[str, Callable[[Any, Any], None]]] = {_STRUCT: fill_struct, _VALUE: fill_value}


@cache
def _writers(descriptor: Descriptor) -> tuple[tuple[str, Callable[[Any, str, Any], None]], ...]:
    """Give for each field of a message what writes it: asking its descriptor each time takes longer."""
    return tuple((field.name, _writer(field)) for field in descriptor.fields)


def _writer(field: FieldDescriptor) -> Callable[[Any, str, Any], None]:
    if field.message_type is not None:
        write = _WRITERS.get(field.message_type.full_name, _fill)
        return partial(_fill_each if field.is_repeated else _fill_one, write)
    if field.is_repeated:
        return lambda message, name, values: getattr(message, name).extend(values)
    if field.enum_type is not None:
        numbers = {name: each.number for name, each in field.enum_type.values_by_name.items()}
        return lambda message, name, value: setattr(message, name, numbers[value])
    return setattr


def _fill_each(write: Callable[[Any, Any], None], message: Any, name: str, values: Any) -> None:
    target = getattr(message, name)
    for each in values:
        write(target.add(), each)


def _fill_one(write: Callable[[Any, Any], None], message: Any, name: str, value: Any) -> None:
    target = getattr(message, name)
    target.SetInParent()
    write(target, value)


def _checked(descriptor: Descriptor, document: object, place: str) -> Plain:
    if not isinstance(document, dict):
        raise invalid_type(place, "object")
    found: Plain = {}
    given: dict[str, str] = {}
    for name, value in document.items():
        path = f"{place}.{name}" if place else name
        field = descriptor.fields_by_name.get(name)
        if field is None:
            raise invalid(path, "there is no such field")
        if value is None and (field.message_type is None or field.message_type.full_name != _VALUE):
            continue
        choice = field.containing_oneof
        if choice is not None:
            if choice.name in given:
                raise invalid(path, f"{given[choice.name]} is given too, and only one of both can be")
            given[choice.name] = name
        taken = _taken(field, value, path)
        # Absent and default are the same, but a field that stands alone in its choice has no default.
        if taken or isinstance(taken, dict) or choice is not None or _is_value(field):
            found[name] = taken
    return found


def _taken(field: FieldDescriptor, value: object, path: str) -> object:
    if not field.is_repeated:
        return _one(field, value, path)
    if not isinstance(value, list):
        raise invalid_type(path, "array")
    return [_one(field, each, f"{path}.{index}") for index, each in enumerate(value)]


def _one(field: FieldDescriptor, value: Any, path: str) -> object:
    if field.message_type is not None:
        if field.message_type.full_name == _VALUE:
            return value
        if field.message_type.full_name != _STRUCT:
            return _checked(field.message_type, value, path)
        if not isinstance(value, dict):
            raise invalid_type(path, "object")
        return value
    if field.enum_type is not None:
        return _choice(field.enum_type, value, path)
    if field.type in _INTEGERS:
        return _integer(field, value, path)
    expected, types = _SCALARS[field.type]
    if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
        raise invalid_type(path, expected)
    return value


_SCALARS: Final[dict[int, tuple[str, Any]]] = {
    FieldDescriptor.TYPE_STRING: ("string", str),
    FieldDescriptor.TYPE_BOOL: ("boolean", bool),
    FieldDescriptor.TYPE_DOUBLE: ("number", (int, float)),
}


def _integer(field: FieldDescriptor, value: Any, path: str) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value != int(value):
        raise invalid_type(path, "integer")
    if int(value) not in _INTEGERS[field.type]:
        raise invalid(path, "the number is out of range")
    return int(value)


def _choice(choices: EnumDescriptor, value: object, path: str) -> str:
    """Give the name of a choice; '' for the one that says nothing."""
    names = choices.values_by_name
    if not isinstance(value, str) or value not in names:
        raise _no_choice(path, choices)
    return value if names[value].number else ""


def _no_choice(place: str, choices: EnumDescriptor) -> CloudforetError:
    return invalid(place, f"expected one of {', '.join(choices.values_by_name)}")


def _is_value(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == _VALUE


def _shown(field: FieldDescriptor, value: Any) -> Any:
    if field.is_repeated:
        return [_shown_one(field, each) for each in value or ()]
    if value is not None:
        return _shown_one(field, value)
    if field.enum_type is not None:
        return field.enum_type.values_by_number[0].name
    return None if field.message_type is not None else field.default_value


def _shown_one(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is None or field.message_type.full_name == _VALUE:
        return value
    return write_json(field.message_type, value)

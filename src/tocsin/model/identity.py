"""Identity: which key a signal has, and which monitored object it belongs to."""

from typing import Final

from msgspec.structs import replace

from tocsin.model.signal import Signal
from tocsin.model.source import Source

KEY_LIMIT: Final = 512
NAME_LIMIT: Final = 255


def identify(signal: Signal, identity: tuple[str, ...]) -> Signal:
    """Give the signal with the key under which it finds its alert. What was passed in stays as it is.

    Args:
        signal: what the source said.
        identity: the source's option: names of fields, or 'labels.NAME', whose values joined by '/' make the
            key. Where it is empty, or none of them has a value, the sender's own key stands; so does that of
            a signal meant for one alert, which goes by that alert's key already.
    """
    if not identity or signal.alert_seq:
        return signal
    values = [_field(signal, name) for name in identity]
    if not any(values):
        return signal
    key_made = signal.key_made and "key" in identity
    return replace(signal, key="/".join(values)[:KEY_LIMIT], key_made=key_made)


def object_of(signal: Signal, source: Source) -> tuple[str, str]:
    """Give the host and service of the object that a signal belongs to.

    A signal whose key Tocsin made up belongs to the source's own object, whatever host it names: no recovery
    would ever find it again, and the host would keep its state for good.
    """
    return own_object(source) if signal.key_made else names_of(signal, source)


def names_of(signal: Signal, source: Source) -> tuple[str, str]:
    """Give the host and service that a signal's event says.

    Without a host the source is the host and the key the service. With a key that Tocsin made up there is no
    service.
    """
    host = signal.host[:NAME_LIMIT] or own_object(source)[0]
    if signal.key_made:
        return host, ""
    return host, (signal.service if signal.host else signal.key)[:NAME_LIMIT]


def own_object(source: Source) -> tuple[str, str]:
    """Give the host and service of the source itself."""
    return source.name[:NAME_LIMIT], ""


def _field(signal: Signal, name: str) -> str:
    label = name.removeprefix("labels.")
    if label != name:
        return signal.labels.get(label, "")
    value: object = getattr(signal, name, "")
    return value if isinstance(value, str) else ""

"""Free ports of the loopback interface, for the servers that tests start."""

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Give a port that nobody listens on now."""
    with socket.socket() as held:
        held.bind((LOOPBACK, 0))
        port: int = held.getsockname()[1]
        return port

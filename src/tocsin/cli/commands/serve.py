"""`tocsin serve`."""

from pathlib import Path

from tocsin.cli.failures import UsageError


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    grpc_port: int | None = None,
    data: Path | None = None,
    database: str | None = None,
    config: Path | None = None,
    demo: bool = False,
    allow_undurable: bool = False,
) -> int:
    """Start Tocsin: take events and answer, until told to stop.

    Every setting can also stand in tocsin.toml, or in the environment as
    TOCSIN_HOST, TOCSIN_PORT and so on; the command line counts most, the file
    least. SIGTERM and Ctrl-C finish what was taken, and end with exit code 0.

    Args:
        host: Address to listen on. [default: 127.0.0.1]
        port: Port to listen on, 0 for any that is free. [default: 8080]
        grpc_port: Port to listen on for gRPC, 0 for none. [default: 50051]
        data: Directory of the data. [default: data]
        database: URL of a PostgreSQL database in place of SQLite in the data.
        config: File of settings. [default: tocsin.toml, if it is there]
        demo: Fill an empty store with a day of invented events, and go on.
        allow_undurable: Start although a crash of the database can lose events.
    """
    from tocsin.server.serve import run
    from tocsin.server.settings import SettingsError, load

    flags = {
        "host": host,
        "port": port,
        "grpc_port": grpc_port,
        "data": None if data is None else str(data),
        "database": database,
        "demo": demo or None,
        "allow_undurable": allow_undurable or None,
    }
    try:
        settings = load(flags, file=config)
    except SettingsError as failure:
        raise UsageError(failure) from None
    return run(settings)

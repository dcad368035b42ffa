"""Print the open alerts that match an expression, the worst first.

TOCSIN_URL and TOCSIN_TOKEN say which Tocsin.

    python open_alerts.py severity>=warning host:db*
"""

import sys

import tocsin

WORST_FIRST = ["critical", "error", "warning", "info", "none", "not_available"]


def main() -> None:
    """Ask for the alerts and print a line for each."""
    query = " ".join(["state:open", *sys.argv[1:]])
    with tocsin.Client() as client:
        alerts = sorted(client.alerts(query), key=lambda alert: WORST_FIRST.index(alert.severity))
    for alert in alerts:
        print(f"{alert.severity:8}  {alert.opened_at:%d.%m. %H:%M}  {alert.host}  {alert.title}")


if __name__ == "__main__":
    main()

"""Check that a directory has room, and let Tocsin know how that ended.

TOCSIN_URL and TOCSIN_TOKEN say which Tocsin. The first failure opens an alert, the next success resolves it.

    python report_a_job.py /var/lib
"""

import shutil
import sys

import tocsin

LEAST_FREE_BYTES = 1024 * 1024


@tocsin.job("disk check", labels={"team": "storage"})
def check(directory: str) -> None:
    """Fail where a directory is missing, or its disk is full."""
    free = shutil.disk_usage(directory).free
    if free < LEAST_FREE_BYTES:
        raise OSError(f"{directory} has only {free} bytes left")


if __name__ == "__main__":
    check(sys.argv[1])

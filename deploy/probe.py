"""Health check of a container: exit 0 if a URL of this machine answers 200 within three seconds."""

import http.client
import sys
from urllib.parse import urlsplit

SECONDS = 3.0


def healthy(url: str) -> bool:
    """Tell whether `url` (plain http) answers 200."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if healthy(sys.argv[1]) else 1)

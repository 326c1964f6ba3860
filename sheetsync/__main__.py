"""`python -m sheetsync genkey`: a key for the settings, before there are any settings."""

from __future__ import annotations

import sys

from sheetsync.crypto import generate_key


def main(arguments: list[str]) -> int:
    """The key goes to stdout and the advice to stderr, so that a script can take the key alone."""
    if arguments != ["genkey"]:
        print("usage: python -m sheetsync genkey", file=sys.stderr)
        return 2
    print(generate_key())
    print(
        'Keep it secret and safe. Put it first in SHEETSYNC["ENCRYPTION_KEYS"]; older keys stay behind it.',
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What the guides written in Python share: the network file, and telling stories.

    python guide.py NETWORK_FILE FOLDER
"""
import asyncio
import json
import sys
import traceback
from pathlib import Path

NETWORK = json.loads(Path(sys.argv[1]).read_text())
FOLDER = Path(sys.argv[2])  # for sessions
PUBLIC_KEYS = NETWORK["public_keys"]  # PEM, PKCS #1

ANN, BOB, CLEO, NOBODY = "+9996620001", "+9996620002", "+9996610003", "+9996620099"
BOBS_PASSWORD, BOBS_HINT = "correct horse", "a staple"
APP = 12345, "0123456789abcdef0123456789abcdef"


def address(dc):
    """The IP and port of a data centre."""
    ip, port = next(d["addr"] for d in NETWORK["dcs"] if d["id"] == dc).rsplit(":", 1)
    return ip, int(port)


def code_of(phone):
    """The code of a test number is its data centre's digit, five times."""
    return phone[len("+99966")] * 5


async def refused(call, error):
    """Wants a call to fail in that way."""
    try:
        result = await call
    except error:
        return
    raise AssertionError(f"got {result}, want {error.__name__}")


def tell(client, stories):
    """Runs all stories, and ends with 1 at the first that fails."""

    async def run():
        for name, story in stories.items():
            try:
                await asyncio.wait_for(story(), 30)
            except BaseException:  # a client may raise anything, and cancel itself
                traceback.print_exc()
                print(f"{client}: FAILED: {name}", file=sys.stderr)
                return 1
            print(f"{client}: ok: {name}", flush=True)
        return 0

    # Libraries ask for the loop when they are imported: run() would make another.
    sys.exit(asyncio.get_event_loop().run_until_complete(run()))

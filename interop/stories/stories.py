"""What the guides written in Python share: the network file, and telling stories.

    python guide.py NETWORK_FILE FOLDER
"""
import asyncio
import json
import sys
import traceback
import urllib.error
import urllib.request
from pathlib import Path

NETWORK = json.loads(Path(sys.argv[1]).read_text())
FOLDER = Path(sys.argv[2])  # for sessions
PUBLIC_KEYS = NETWORK["public_keys"]  # PEM, PKCS #1

ANN, BOB, CLEO, NOBODY = "+9996620001", "+9996620002", "+9996610003", "+9996620099"
BOBS_PASSWORD, BOBS_HINT = "correct horse", "a staple"
DORA, EVE = "+9996620004", "+9996610005"  # Eve has a password and a mailbox, and lives elsewhere
EVES_PASSWORD = "battery"
BOT = "7654321:TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQ"  # its data centre is Eve's
APP = 12345, "0123456789abcdef0123456789abcdef"


def address(dc):
    """The IP and port of a data centre."""
    ip, port = next(d["addr"] for d in NETWORK["dcs"] if d["id"] == dc).rsplit(":", 1)
    return ip, int(port)


def code_of(phone):
    """The code of a test number is its data centre's digit, five times."""
    return phone[len("+99966")] * 5


def control(method, path, /, **body):
    """Asks the control API."""
    data = json.dumps(body).encode() if method != "GET" else None
    request = urllib.request.Request(NETWORK["control"] + path, data, method=method)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read().decode()) from None


def mailed(phone):
    """The last code that went to a mailbox of that account."""
    return control("GET", f"/v1/codes?channel=email&phone={phone[1:]}")[-1]["code"]


def accept(phone, url):
    """Reads a QR code with another device of that account."""
    control("POST", "/v1/qr/accept", phone=phone, url=url)


def a_day_later():
    """What a new device may not do it may after a day."""
    control("POST", "/v1/clock/advance", by="25h")


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

"""The instances of TDLib in this process, and the steps that stories share.

The command line is guide.py's.
"""
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "stories"))

from client import Client, Library, Refused
from stories import FOLDER, NETWORK, code_of, control

LIBRARY = Library(sys.argv[3], FOLDER / "tdlib.log")
TEST = NETWORK.get("test", False)

PHONE, CODE, PASSWORD = "authorizationStateWaitPhoneNumber", "authorizationStateWaitCode", "authorizationStateWaitPassword"
REGISTRATION, READY, CLOSED = "authorizationStateWaitRegistration", "authorizationStateReady", "authorizationStateClosed"
QR = "authorizationStateWaitOtherDeviceConfirmation"

clients = {}


def client(name, **options):
    """A new instance of TDLib, which waits for a phone number."""
    clients[name] = Client(LIBRARY, FOLDER / name, test=TEST, **options)
    clients[name].until(PHONE)
    return clients[name]


def reopen(name):
    """An instance with the folder of one that was closed."""
    clients[name] = Client(LIBRARY, FOLDER / name, test=TEST)
    return clients[name]


def refused(message, api, method, **fields):
    """Wants a request to be refused with that error."""
    try:
        result = api.call(method, **fields)
    except Refused as error:
        assert error.message == message, f"got {error}, want {message}"
    else:
        raise AssertionError(f"got {result}, want {message}")


def number(api, phone):
    api.call("setAuthenticationPhoneNumber", phone_number=phone)
    api.until(CODE)


def sign_in(name, phone, *ends, **options):
    api = client(name, **options)
    number(api, phone)
    api.call("checkAuthenticationCode", code=code_of(phone))
    api.until(*(ends or (READY,)))
    return api


def first_name(api):
    return api.call("getMe")["first_name"]


def account(last, dc=2, **fields):
    """A new account, whose number ends like that."""
    phone = f"+99966{dc}{last:04}"
    control("POST", "/v1/users", phone=phone, dc=dc, first_name=f"User {last}", **fields)
    return phone


def known(phone):
    """What the emulator says of an account, or nothing if there is none."""
    return next((user for user in control("GET", "/v1/users") if user["phone"] == phone), None)

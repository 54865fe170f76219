"""Passkeys: made, used at home and elsewhere, and removed."""
from authenticator import Passkey
from instances import READY, client, clients, first_name, refused, sign_in
from stories import ANN, CLEO

passkeys = {}


def with_passkey(name, phone):
    api = sign_in(name, phone)
    passkeys[name] = Passkey(api.call("getPasskeyParameters")["text"])
    return api, api.call("addLoginPasskey", **passkeys[name].registration())


def passkey_added():
    api, added = with_passkey("ann", ANN)
    found = api.call("getLoginPasskeys")["passkeys"]
    assert [p["id"] for p in found] == [added["id"]], found


def enter_with_passkey(name, owner):
    api = client(name)
    api.ready()
    parameters = api.call("getAuthenticationPasskeyParameters")["text"]
    api.call("checkAuthenticationPasskey", **passkeys[owner].login(parameters))
    api.until(READY)
    return api


def passkey_at_home():
    assert first_name(enter_with_passkey("ann's passkey", "ann")) == "Ann"


def passkey_elsewhere():
    with_passkey("cleo", CLEO)
    assert first_name(enter_with_passkey("cleo's passkey", "cleo")) == "Cleo"


def passkey_removed():
    ann = clients["ann"]
    only, = ann.call("getLoginPasskeys")["passkeys"]
    ann.call("removeLoginPasskey", passkey_id=only["id"])
    assert ann.call("getLoginPasskeys")["passkeys"] == []
    api = client("removed passkey")
    api.ready()
    parameters = api.call("getAuthenticationPasskeyParameters")["text"]
    refused("PASSKEY_CREDENTIAL_NOT_FOUND", api, "checkAuthenticationPasskey", **passkeys["ann"].login(parameters))


STORIES = {
    "a passkey added": passkey_added,
    "a passkey signs in": passkey_at_home,
    "a passkey of an account elsewhere signs in": passkey_elsewhere,
    "a passkey removed": passkey_removed,
}

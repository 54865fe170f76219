"""A WebAuthn authenticator with ES256 keys (ECDSA on P-256 with SHA-256) and no
attestation. It takes Telegram's options as TDLib shows them, and answers with what
TDLib's requests take.

It calculates in plain Python, which leaks the time that a key takes: it is for tests.

https://www.w3.org/TR/webauthn-3/ https://core.telegram.org/api/passkeys
"""
import base64
import hashlib
import json
import secrets

# P-256: y^2 = x^3 - 3x + b over the integers modulo P, with the base point G of order N.
# https://csrc.nist.gov/pubs/sp/800/186/final 3.2.1.3
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40  # flags of authenticator data


def add(a, b):
    """The sum of two points; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point):
    product = None
    while k:
        if k & 1:
            product = add(product, point)
        point, k = add(point, point), k >> 1
    return product


def der(tag, content):
    return bytes([tag, len(content)]) + content


def sign(key, message):
    """An ECDSA signature in DER: https://www.rfc-editor.org/rfc/rfc3279#section-2.2.3"""
    k = secrets.randbelow(N - 1) + 1
    r = multiply(k, G)[0] % N
    s = pow(k, -1, N) * (int.from_bytes(hashlib.sha256(message).digest(), "big") + r * key) % N
    return der(0x30, b"".join(der(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in (r, s)))


def cbor(value):
    """The part of CBOR that attestations need: https://www.rfc-editor.org/rfc/rfc8949#section-3"""
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    if isinstance(value, str):
        return head(3, len(value)) + value.encode()
    return head(2, len(value)) + value


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    return bytes([major << 5 | 24, n]) if n < 256 else bytes([major << 5 | 25]) + n.to_bytes(2, "big")


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base64url(b):
    return base64.urlsafe_b64encode(b).decode().rstrip("=")


def base64std(b):
    """Bytes as TDLib's JSON has them."""
    return base64.b64encode(b).decode()


def client_data(ceremony, options):
    site = options.get("rpId") or options["rp"]["id"]
    return json.dumps({"type": ceremony, "challenge": options["challenge"], "origin": f"https://{site}", "crossOrigin": False})


class Passkey:
    """One credential, made as Telegram's options for a new one want it."""

    def __init__(self, parameters):
        options = json.loads(parameters)["publicKey"]
        assert any(p["alg"] == -7 for p in options["pubKeyCredParams"]), "Telegram takes no ES256"
        self.key, self.id = secrets.randbelow(N - 1) + 1, secrets.token_bytes(32)
        self.site, self.user = options["rp"]["id"], unbase64url(options["user"]["id"])
        self.made = client_data("webauthn.create", options)

    def data(self, flags):
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + bytes(4)

    def registration(self):
        """The fields of addLoginPasskey."""
        x, y = (n.to_bytes(32, "big") for n in multiply(self.key, G))
        public = cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": self.data(PRESENT | VERIFIED | ATTESTED) + credential}
        return {"client_data": self.made, "attestation_object": base64std(cbor(attestation))}

    def login(self, parameters):
        """The fields of checkAuthenticationPasskey."""
        signed, data = client_data("webauthn.get", json.loads(parameters)["publicKey"]), self.data(PRESENT | VERIFIED)
        return {
            "credential_id": base64url(self.id), "client_data": signed, "authenticator_data": base64std(data),
            "signature": base64std(sign(self.key, data + hashlib.sha256(signed.encode()).digest())),
            "user_handle": base64std(self.user)}

"""RSA keys: made, checked, and published as the certificates and the key set that verify an id_token."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from google.auth import crypt
from google.auth import jwt as google_jwt

Json = dict[str, Any]
#: Wide, because an emulator's clock may stand anywhere; Google's own certificates live two weeks.
FROM, UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def new_key() -> str:
    """A new private key, as PEM; takes a moment."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


def _loaded(private: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(private.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("the stored key is no RSA key: delete the file it is in, a new one will be made")
    return key


def signed_by(private: str, assertion: str) -> bool:
    """Is the RS256 signature of the assertion made with this key? Raises ValueError for what is no JWT."""
    key = _loaded(private).public_key()
    public = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head, _, signature = assertion.rpartition(".")
    if google_jwt.decode_header(assertion).get("alg") != "RS256":
        return False
    verifier = crypt.RSAVerifier.from_string(public)
    return bool(verifier.verify(head.encode(), base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))))


class SigningKey:
    """The key that signs id_tokens, under a name that verifiers find it by."""

    def __init__(self, private: str) -> None:
        self.private = private
        self._key = _loaded(private)

    @cached_property
    def kid(self) -> str:
        """40 hexadecimal digits, the shape of Google's."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hashlib.sha256(der).hexdigest()[:40]

    def sign(self, claims: Json) -> str:
        """A JWT with these claims, RS256."""
        signer = crypt.RSASigner.from_string(self.private, self.kid)
        token: bytes = google_jwt.encode(signer, claims)
        return token.decode()

    def key_set(self) -> Json:
        """The JWKS of /oauth2/v3/certs."""
        numbers = self._key.public_key().public_numbers()
        size = (numbers.n.bit_length() + 7) // 8
        modulus, exponent = numbers.n.to_bytes(size, "big"), numbers.e.to_bytes(3, "big")
        key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid}
        return {"keys": [{**key, "n": _base64(modulus), "e": _base64(exponent)}]}

    @cached_property
    def certificates(self) -> dict[str, str]:
        """The X.509 certificates by key name of /oauth2/v1/certs, which google-auth fetches."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.sheets-emulator")])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._key.public_key())
        builder = builder.serial_number(1).not_valid_before(FROM).not_valid_after(UNTIL)
        certificate = builder.sign(self._key, hashes.SHA256())
        return {self.kid: certificate.public_bytes(serialization.Encoding.PEM).decode()}


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")

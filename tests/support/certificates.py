"""Certificates for servers on loopback, from an authority of the test's own."""

from __future__ import annotations

import datetime
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """Gives out certificates. `file` is its own, for those who trust it."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's authority")])
        identifier = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        own = self._certificate(self.name, self.key).add_extension(identifier, critical=False)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        usage = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
        )
        usage |= {"key_cert_sign": True, "crl_sign": True, "encipher_only": False, "decipher_only": False}
        own = own.add_extension(x509.KeyUsage(**usage), critical=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._signed(own))

    def server(self, name, *, days=1, heard=None):
        """The TLS side of a server with this name; the names that callers ask for go into the list `heard`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's server")])
        made = self._certificate(subject, key, days=days)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        made = made.add_extension(issuer, critical=False)
        file = self.folder / f"{name}{days}.pem"
        pkcs8 = serialization.PrivateFormat.PKCS8
        plain = serialization.NoEncryption()
        file.write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain) + self._signed(made))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        if heard is not None:
            context.sni_callback = lambda _socket, asked, _context: heard.append(asked)
        return context

    def _certificate(self, subject, key, days=1):
        now = datetime.datetime.now(datetime.UTC)
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number())
        began, ends = now - datetime.timedelta(days=30), now + datetime.timedelta(days=days)
        return made.not_valid_before(began).not_valid_after(ends)

    def _signed(self, made):
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

"""The tokens with which one gets into a cluster: a presigned `GetCallerIdentity`, which only a holder of the key can sign.

The name of the cluster is a signed header that is not part of the URL: it must be known to check the signature.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import hmac
from typing import Callable
from urllib.parse import parse_qsl, quote, urlsplit

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
LIFE = datetime.timedelta(minutes=15)
CLOCK_SKEW = datetime.timedelta(minutes=5)
LONGEST = 16 * 1024
KNOWN = {"action", "version", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires",
         "x-amz-security-token", "x-amz-signature", "x-amz-signedheaders", "x-amz-user-agent"}


class BadToken(Exception):
    """A token that is refused, with the reason."""


@dataclasses.dataclass
class Token:
    """A parsed token; `query` holds its parameters in lower case."""

    host: str
    pairs: list
    query: dict
    access_key: str
    scope: list
    signed_at: datetime.datetime


def parse(text: str) -> Token:
    if not text.startswith(PREFIX) or len(text) > LONGEST:
        raise BadToken("it is not an EKS token")
    try:
        padded = text[len(PREFIX):] + "=" * (-len(text[len(PREFIX):]) % 4)
        url = urlsplit(base64.urlsafe_b64decode(padded).decode())
        pairs = parse_qsl(url.query, keep_blank_values=True, strict_parsing=True)
    except ValueError as error:
        raise BadToken("it holds no URL") from error
    query = {key.lower(): value for key, value in pairs}
    if url.path not in ("", "/") or len(query) != len(pairs) or not set(query) <= KNOWN:
        raise BadToken("its URL is not that of a call of STS")
    if (query.get("action"), query.get("version")) != ("GetCallerIdentity", "2011-06-15"):
        raise BadToken("it does not ask for the caller's identity")
    access_key, *scope = query.get("x-amz-credential", "").split("/")
    if len(scope) != 4 or scope[2:] != ["sts", "aws4_request"] or CLUSTER_HEADER not in signed_headers(query):
        raise BadToken("it is not signed as a token of a cluster")
    return Token(url.netloc, pairs, query, access_key, scope, date_of(query.get("x-amz-date", "")))


def signed_headers(query: dict) -> list:
    return query.get("x-amz-signedheaders", "").lower().split(";")


def date_of(text: str) -> datetime.datetime:
    try:
        return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError as error:
        raise BadToken("it has no date") from error


def check(token: Token, cluster: str, now: datetime.datetime, secret_of: Callable) -> None:
    """Refuses what is too old, or not signed for this cluster with the secret of its access key."""
    if not token.signed_at - CLOCK_SKEW <= now < token.signed_at + LIFE:
        raise BadToken("it has expired")
    wanted = signature(token, cluster, secret_of(token.access_key))
    if not hmac.compare_digest(wanted.encode(), token.query.get("x-amz-signature", "").encode()):
        raise BadToken("its signature is wrong: it is of another cluster, or of another secret key")


def signature(token: Token, cluster: str, secret: str) -> str:
    """Signature Version 4 of the token's request, with the cluster's name in its header."""
    encoded = sorted((quote(key, safe="-_.~"), quote(value, safe="-_.~"))
                     for key, value in token.pairs if key.lower() != "x-amz-signature")
    headers = {"host": token.host, CLUSTER_HEADER: cluster}
    names = signed_headers(token.query)
    request = "\n".join([
        "GET", "/", "&".join(f"{key}={value}" for key, value in encoded),
        *(f"{name}:{headers.get(name, '')}" for name in names), "", ";".join(names), hashlib.sha256(b"").hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", token.query["x-amz-date"], "/".join(token.scope),
                      hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in token.scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

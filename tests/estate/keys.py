"""Keys of KMS as their owner has them: `make ALIAS` prints a key's ARN; `disable`, `enable`, `schedule` and `cancel` take an id.

`swap STORE OTHER` puts the wrapped key of one state into another, checksum and all.
"""

import sqlite3
import struct
import sys
import zlib

import boto3


def of(arn):
    return arn.rsplit("/", 1)[-1]


def make(alias):
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    print(key["Arn"])


def seal(values):
    """As state/src/seal.rs has it."""
    kinds = {int: (1, lambda v: struct.pack("<q", v)), str: (3, str.encode), bytes: (4, bytes)}
    out = b""
    for value in values:
        kind, coded = kinds[type(value)] if value is not None else (0, None)
        body = coded(value) if coded else b""
        out += bytes([kind]) + (struct.pack("<Q", len(body)) + body if coded else b"")
    return zlib.crc32(out)


def swap(path, other):
    with sqlite3.connect(other) as conn:
        (wrapped,) = conn.execute("SELECT wrapped FROM keys").fetchone()
    with sqlite3.connect(path) as conn:
        *columns, _wrapped, _seal = conn.execute("SELECT * FROM keys").fetchone()
        conn.execute("UPDATE keys SET wrapped = ?, seal = ?", (wrapped, seal([*columns, wrapped])))


ACTIONS = {
    "make": make,
    "swap": swap,
    "disable": lambda key: boto3.client("kms").disable_key(KeyId=of(key)),
    "enable": lambda key: boto3.client("kms").enable_key(KeyId=of(key)),
    "schedule": lambda key: boto3.client("kms").schedule_key_deletion(KeyId=of(key), PendingWindowInDays=7),
    "cancel": lambda key: boto3.client("kms").cancel_key_deletion(KeyId=of(key)),
}
ACTIONS[sys.argv[1]](*sys.argv[2:])

"""Pages of a list: `MaxResults` and an opaque `NextToken`."""

from __future__ import annotations

import base64
from typing import Optional

from .errors import AwsError


def token_of(offset: int) -> str:
    return base64.urlsafe_b64encode(f"levee:{offset}".encode()).decode()


def offset_of(token: Optional[str], error_code: str = "InvalidNextToken") -> int:
    if not token:
        return 0
    try:
        mark, offset = base64.urlsafe_b64decode(token.encode()).decode().split(":")
        if mark == "levee":
            return int(offset)
    except ValueError:
        pass
    raise AwsError(error_code, "The token is not valid.")


def page_of(items: list, size: Optional[int], token: Optional[str], error_code: str = "InvalidNextToken"):
    """(the page's items, the next token or None)."""
    start = offset_of(token, error_code)
    if not size:
        return items[start:], None
    end = start + int(size)
    return items[start:end], token_of(end) if end < len(items) else None

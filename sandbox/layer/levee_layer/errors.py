"""The errors that rules raise; `wire` writes them in the protocol of the service that was called."""

from __future__ import annotations


class AwsError(Exception):
    """An answer that is an AWS error: `code` and `message` as the API reference spells them, HTTP `status`."""

    def __init__(self, code: str, message: str, status: int = 400, **fields):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields


class NotImplementedHere(AwsError):
    """A call that neither moto nor the layer knows: never a "not found", always loud."""

    CODE = "LeveeSandboxNotImplemented"

    def __init__(self, what: str):
        super().__init__(self.CODE, f"the levee sandbox does not implement {what}", 501)


def dependency_violation(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)

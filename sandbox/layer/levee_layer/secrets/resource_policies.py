"""Resource policies of secrets: they must be policies; validation without storing."""

from __future__ import annotations

import json

from ..errors import AwsError
from ..rules import before, handles


def problem_of(text: str) -> str:
    """What is wrong with the policy, or an empty string."""
    try:
        document = json.loads(text)
    except ValueError:
        return "This policy contains invalid Json"
    if not isinstance(document, dict) or not document.get("Statement"):
        return "Syntax errors in policy."
    return ""


@before("secretsmanager", "PutResourcePolicy")
def check(call) -> None:
    problem = problem_of(call.get("ResourcePolicy", ""))
    if problem:
        raise AwsError("MalformedPolicyDocumentException", problem)


@handles("secretsmanager", "ValidateResourcePolicy")
def validate(call) -> dict:
    problem = problem_of(call.get("ResourcePolicy", ""))
    errors = [{"CheckName": "SyntaxCheck", "ErrorMessage": problem}] if problem else []
    return {"PolicyValidationPassed": not problem, "ValidationErrors": errors}

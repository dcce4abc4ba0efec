"""Policy documents in answers: AWS gives them URL-encoded everywhere, moto only in some places."""

from __future__ import annotations

from moto.core.serialize import url_encode
from moto.iam.responses import IamResponse

ROLE_PATHS = (
    "ListRolesResponse.Roles.Role",
    "UpdateRoleDescriptionResponse.Role",
    "GetInstanceProfileResponse.InstanceProfile.Roles.Role",
    "CreateInstanceProfileResponse.InstanceProfile.Roles.Role",
    "ListInstanceProfilesResponse.InstanceProfiles.InstanceProfile.Roles.Role",
    "ListInstanceProfilesForRoleResponse.InstanceProfiles.InstanceProfile.Roles.Role",
)

for path in ROLE_PATHS:
    IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER[f"{path}.AssumeRolePolicyDocument"] = url_encode
IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER["GetPolicyVersionResponse.PolicyVersion.Document"] = url_encode

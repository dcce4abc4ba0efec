"""The emulated AWS of `levee sandbox`: moto in one process, with our own layer of rules in front of it.

Reading order: `server` (sockets) -> `front` (what happens to one HTTP request: delay, faults, log) -> `call`
(what the request asks for) -> `cloud` (rules, then moto) -> the packages `ec2`, `eks`, `iam` and `secrets`
(the rules themselves) -> `control` (the API under `/_levee/` that tests use).
"""

"""What kwok does with nodes and pods: nodes are ready at once; pods run at once, or go wrong as an annotation asks.

A pod's annotation `levee.sandbox/pod` is one of `slow`, `unready`, `fail`, `crash-loop` and `image-pull-backoff`;
`levee.sandbox/after` is how long it takes to come to that, such as `3s`. For a pod that is to end by itself (of a job,
say), it is how long it runs.
"""

from __future__ import annotations

import json

BEHAVIOUR = "levee.sandbox/pod"
AFTER = "levee.sandbox/after"
# By default, how long a slow pod takes to start, and how long one takes that ends by itself, in milliseconds.
SLOW_MS = 5000
TASK_MS = 500
# The message and reason of a waiting container, by behaviour.
PULL_MESSAGE = "Back-off pulling image"
CRASH_MESSAGE = "back-off 10s restarting failed container"


def has(path: str) -> dict:
    return {"key": path, "operator": "Exists"}


def lacks(path: str) -> dict:
    return {"key": path, "operator": "DoesNotExist"}


def among(path: str, *values: str) -> dict:
    return {"key": path, "operator": "In", "values": list(values)}


def annotation(name: str) -> str:
    return f'.metadata.annotations["{name}"]'


ALIVE = lacks(".metadata.deletionTimestamp")
NEW = lacks(".status.containerStatuses")
STARTING = among(".status.containerStatuses.[0].state.waiting.reason", "ContainerCreating")
RUNS_TO_AN_END = among(".spec.restartPolicy", "Never", "OnFailure")


def delayed(milliseconds: int) -> dict:
    return {"durationMilliseconds": milliseconds, "durationFrom": {"expressionFrom": annotation(AFTER)}}


def stage(name: str, kind: str, conditions: list, following, delay: dict | None = None) -> dict:
    """`following` is what is done to the object itself, or a list of steps."""
    spec = {"resourceRef": {"apiGroup": "v1", "kind": kind}, "selector": {"matchExpressions": conditions},
            "steps" if isinstance(following, list) else "next": following, **({"delay": delay} if delay else {})}
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": name}, "spec": spec}


def conditions_of(ready: bool) -> str:
    """The conditions of a pod whose init containers are done."""
    value, reason = ("True", "") if ready else ("False", "reason: ContainersNotReady")
    lines = ['conditions:', '{{ $now := Now }}']
    for kind in ("Initialized", "Ready", "ContainersReady"):
        lines += [f'- type: {kind}', f'  status: "{"True" if kind == "Initialized" else value}"',
                  '  lastTransitionTime: {{ $now | Quote }}']
        if reason and kind != "Initialized":
            lines.append(f"  {reason}")
    lines += ["{{ range .spec.readinessGates }}", "- type: {{ .conditionType | Quote }}", f'  status: "{value}"',
              "  lastTransitionTime: {{ $now | Quote }}", "{{ end }}"]
    return "\n".join(lines)


def containers(state: str, ready: bool = False, started: bool = False, restarts: int = 0, last: str = "") -> str:
    """The status of every container; `state` and `last` are YAML for one line each."""
    lines = ["containerStatuses:", "{{ range .spec.containers }}", "- name: {{ .name | Quote }}",
             "  image: {{ .image | Quote }}", '  imageID: ""', f"  ready: {json.dumps(ready)}",
             f"  started: {json.dumps(started)}", f"  restartCount: {restarts}", f"  state: {state}",
             *([f"  lastState: {last}"] if last else []), "{{ end }}"]
    return "\n".join(lines)


INIT_CONTAINERS_DONE = """{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  started: false
  restartCount: 0
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }}}}
{{ end }}
{{ end }}"""
# What kwok's function for the address of a pod is given, in this order.
POD = ["( or .spec.hostNetwork false )", *(f'( or .metadata.{key} "" )' for key in ("uid", "name", "namespace"))]
POD_ADDRESS = f"{{{{ PodIPWith .spec.nodeName {' '.join(POD)} | Quote }}}}"
ADDRESSES = f"""startTime: {{{{ Now | Quote }}}}
hostIP: {{{{ NodeIPWith .spec.nodeName | Quote }}}}
podIP: {POD_ADDRESS}
podIPs: [{{ip: {POD_ADDRESS}}}]"""
RUNNING = "{running: {startedAt: {{ Now | Quote }}}}"


def terminated(code: int, reason: str) -> str:
    times = "startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }}"
    return f"{{terminated: {{exitCode: {code}, reason: {reason}, {times}}}}}"


def waiting(reason: str, message: str = "") -> str:
    told = f", message: {json.dumps(message)}" if message else ""
    return f"{{waiting: {{reason: {reason}{told}}}}}"


def to(phase: str, *parts: str, event: tuple = ()) -> dict:
    following = {"statusTemplate": "\n".join([f"phase: {phase}", *parts])}
    if event:
        following["event"] = dict(zip(("type", "reason", "message"), event))
    return following


def node_stages() -> list:
    ready = '.status.conditions.[] | select( .type == "Ready" ) | .status'
    template = """conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ Now | Quote }}
{{ end }}"""
    not_ready = {"key": ready, "operator": "NotIn", "values": ["True"]}
    return [stage("node-ready", "Node", [not_ready], {"statusTemplate": template})]


def starting_stages() -> list:
    """From nothing to running, at once or slowly."""
    running = to("Running", conditions_of(True), INIT_CONTAINERS_DONE, containers(RUNNING, True, True), ADDRESSES)
    creating = to("Pending", conditions_of(False), containers(waiting("ContainerCreating")))
    return [
        stage("pod-run", "Pod", [ALIVE, NEW, lacks(annotation(BEHAVIOUR))], running),
        stage("pod-begin", "Pod", [ALIVE, NEW, has(annotation(BEHAVIOUR))], creating),
        stage("pod-run-late", "Pod", [ALIVE, STARTING, among(annotation(BEHAVIOUR), "slow")], running, delayed(SLOW_MS)),
    ]


def failing_stages() -> list:
    """From starting to what has gone wrong."""
    def wrong(name: str, more: list, following: dict) -> dict:
        return stage(f"pod-{name}", "Pod", [ALIVE, STARTING, *more], following, delayed(0))

    def behaves(*names: str) -> dict:
        return among(annotation(BEHAVIOUR), *names)

    failed = to("Failed", conditions_of(False), containers(terminated(1, "Error")), ADDRESSES,
                event=("Warning", "Failed", "Error: container exited with code 1"))
    crashing = to("Running", conditions_of(False), INIT_CONTAINERS_DONE,
                  containers(waiting("CrashLoopBackOff", CRASH_MESSAGE), restarts=3, last=terminated(1, "Error")),
                  ADDRESSES, event=("Warning", "BackOff", CRASH_MESSAGE))
    pulling = to("Pending", conditions_of(False), containers(waiting("ImagePullBackOff", PULL_MESSAGE)),
                 event=("Warning", "Failed", "Failed to pull image: not found"))
    unready = to("Running", conditions_of(False), INIT_CONTAINERS_DONE, containers(RUNNING, False, True), ADDRESSES,
                 event=("Warning", "Unhealthy", "Readiness probe failed"))
    always = among(".spec.restartPolicy", "Always")
    return [
        wrong("fail", [behaves("fail"), RUNS_TO_AN_END], failed),
        # What is always restarted never ends as failed.
        wrong("fail-again", [behaves("fail"), always], crashing),
        wrong("crash", [behaves("crash-loop")], crashing),
        wrong("pull", [behaves("image-pull-backoff")], pulling),
        wrong("unready", [behaves("unready")], unready),
    ]


def ending_stages() -> list:
    ready = among('.status.conditions.[] | select( .type == "Ready" ) | .status', "True")
    completed = to("Succeeded", conditions_of(False), containers(terminated(0, "Completed")))
    gone = [has(".metadata.deletionTimestamp"), lacks(".metadata.finalizers")]
    return [
        stage("pod-complete", "Pod", [ALIVE, among(".status.phase", "Running"), ready, RUNS_TO_AN_END], completed,
              delayed(TASK_MS)),
        stage("pod-delete", "Pod", gone, {"delete": True}),
    ]


def volume_stages() -> list:
    """A volume for every claim that the controllers have handed to a provisioner, and its end with the claim."""
    asked = has(annotation("volume.kubernetes.io/storage-provisioner"))
    volume = """apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-{{ .metadata.uid }}
  annotations:
    pv.kubernetes.io/provisioned-by: levee-sandbox
spec:
  accessModes: {{ .spec.accessModes | toJson }}
  capacity: {storage: {{ .spec.resources.requests.storage | Quote }}}
  persistentVolumeReclaimPolicy: Delete
  storageClassName: {{ .spec.storageClassName | Quote }}
  volumeMode: {{ or .spec.volumeMode "Filesystem" }}
  claimRef:
    apiVersion: v1
    kind: PersistentVolumeClaim
    name: {{ .metadata.name | Quote }}
    namespace: {{ .metadata.namespace | Quote }}
    uid: {{ .metadata.uid | Quote }}
  hostPath: {path: /var/lib/levee-sandbox}"""
    released = [ALIVE, among(".status.phase", "Released"), among(".spec.persistentVolumeReclaimPolicy", "Delete"),
                has(annotation("pv.kubernetes.io/provisioned-by"))]
    return [
        stage("volume-make", "PersistentVolumeClaim", [ALIVE, asked, lacks(".spec.volumeName")],
              [{"apply": {"template": volume}}]),
        stage("volume-delete", "PersistentVolume", released, {"delete": True}),
    ]


def service_stages() -> list:
    """Load balancers where no cloud makes them."""
    template = 'loadBalancer: {ingress: [{hostname: {{ printf "%s.elb.sandbox.test" .metadata.name | Quote }}}]}'
    waits = [ALIVE, among(".spec.type", "LoadBalancer"), lacks(".status.loadBalancer.ingress")]
    return [stage("service-balance", "Service", waits, {"statusTemplate": template})]


def as_yaml(load_balancers: bool = True) -> str:
    documents = [*node_stages(), *starting_stages(), *failing_stages(), *ending_stages(), *volume_stages(),
                 *(service_stages() if load_balancers else [])]
    return "\n---\n".join(json.dumps(document) for document in documents)

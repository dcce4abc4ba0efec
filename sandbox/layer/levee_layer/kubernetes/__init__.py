"""A real Kubernetes control plane on this machine: its processes, its API, its simulated nodes. It knows nothing of AWS."""

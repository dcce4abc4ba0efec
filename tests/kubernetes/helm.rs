//! Helm in the hands of a test, and a chart that is good for trying things out.

use crate::plane::Bench;
use levee_sandbox::Places;
use levee_sandbox::programs::helm3;
use serde_json::Value as Json;
use std::process::Command;

/// Helm 3.
pub(crate) fn three() -> String {
    helm3(&Places::from_environment().expect("a cache")).expect("Helm 3").display().to_string()
}

/// Somebody else calls helm.
pub(crate) fn helm(bench: &Bench, program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).args(["--kubeconfig", bench.kubeconfig()]).output().expect("Helm runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// What Helm lists in a namespace.
pub(crate) fn listed(bench: &Bench, namespace: &str) -> Vec<Json> {
    let text = helm(bench, bench.helm4(), &["list", "-n", namespace, "-o", "json"]);
    serde_json::from_str(&text).expect("JSON")
}

/// The newest revision of a release and its status.
pub(crate) fn status(bench: &Bench, namespace: &str, name: &str) -> (String, String) {
    let all = listed(bench, namespace);
    let of = |one: &Json, what: &str| one[what].as_str().unwrap_or_default().to_owned();
    let one = all.iter().find(|r| r["name"] == name).unwrap_or_else(|| panic!("{name} in {all:?}"));
    (of(one, "revision"), of(one, "status"))
}

const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {team: {{ .Values.team | quote }}}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations: {{ .Values.annotations | toJson }}
    spec: {containers: [{name: main, image: "registry.test/it:{{ .Chart.Version }}"}]}
"#;

const REST: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data:
  greeting: {{ .Values.greeting | quote }}
  upper: {{ upper .Values.greeting | quote }}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}}
stringData:
  password: {{ .Values.db.password | quote }}
"#;

/// A release of that chart, with more arguments.
pub(crate) fn release_of(namespace: &str, more: &str) -> String {
    format!(
        r#"
resource "helm_release" "web" {{
  name             = "web"
  namespace        = "{namespace}"
  create_namespace = true
  chart            = "./chart"
{more}
}}
"#
    )
}

/// Writes a chart beside the configuration, as `./chart`.
pub(crate) fn write_chart(bench: &Bench, version: &str) {
    bench.env.write("chart/Chart.yaml", &format!("apiVersion: v2\nname: web\nversion: {version}\nappVersion: \"9\"\n"));
    let values = "replicas: 1\nteam: sea\ngreeting: hello\nannotations: {}\ndb: {password: none}\n";
    bench.env.write("chart/values.yaml", values);
    bench.env.write("chart/templates/deployment.yaml", DEPLOYMENT);
    bench.env.write("chart/templates/rest.yaml", REST);
    bench.env.write("chart/templates/NOTES.txt", "Say {{ .Values.greeting }}.\n");
}

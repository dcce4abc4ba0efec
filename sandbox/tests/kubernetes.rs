//! A sandbox with Kubernetes, as a Rust test uses it: started, asked for a control plane, driven by both Helms, stopped.

use std::path::Path;
use std::process::Command;

use levee_sandbox::programs::helm3;
use levee_sandbox::{Places, Sandbox, StartOptions};

#[test]
fn a_control_plane_comes_and_goes_with_its_sandbox() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shared = Places::from_environment().expect("a cache");
    let places = Places::new(shared.cache(), folder.path());
    let sandbox = Sandbox::named("kubernetes", places.clone()).expect("a good name");
    let options = StartOptions { kubernetes: true, ..StartOptions::default() };
    let running = sandbox.start(&options).unwrap_or_else(|error| panic!("{error} {:?}", error.hint()));
    let plane = running.control_plane("one", 1).expect("a control plane");
    let kubeconfig = plane.kubeconfig.display().to_string();
    let helm4 = running.env().into_iter().find(|(name, _)| name == "LEVEE_HELM").expect("Helm is named").1;
    let chart = write_chart(folder.path());
    for (helm, version) in [(helm3(&places).expect("Helm 3"), "v3."), (helm4.into(), "v4.")] {
        let run = |args: &[&str]| {
            let output = Command::new(&helm).args(args).args(["--kubeconfig", &kubeconfig]).output().expect("Helm runs");
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{version} {args:?}: {errors}");
            String::from_utf8(output.stdout).expect("text")
        };
        assert!(run(&["version", "--short"]).starts_with(version));
        run(&["install", "web", &chart, "--wait", "--timeout", "60s"]);
        assert!(run(&["list"]).contains("deployed"));
        run(&["uninstall", "web", "--wait"]);
    }
    assert!(sandbox.stop().expect("a stop"));
    assert!(!Path::new(&kubeconfig).exists() && !places.of("kubernetes").exists());
}

/// A chart with one deployment, which has to become ready.
fn write_chart(folder: &Path) -> String {
    let chart = folder.join("chart");
    let deployment = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: registry.test/it:1}]}
";
    std::fs::create_dir_all(chart.join("templates")).expect("a folder");
    std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n").expect("a file");
    std::fs::write(chart.join("templates/deployment.yaml"), deployment).expect("a file");
    chart.display().to_string()
}

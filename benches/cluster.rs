//! What a refresh of many objects of Kubernetes and many Helm releases takes: time, and calls as the API server counts them.
//!
//! `cargo bench --bench cluster -- [--objects 1000] [--releases 200] [--write]`
//!
//! The control plane is the sandbox's: a real API server. Calls are its own `apiserver_request_total`, read before and after;
//! those of its controllers and nodes (leases, events, watches) are left out. `--write` puts the table into
//! `docs/performance.md`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench tells its figures")]

use levee_cluster::{Access, Cluster, Request, Verb};
use levee_sandbox::{Places, Sandbox, StartOptions};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const OBJECTS: usize = 1_000;
const RELEASES: usize = 200;
/// How many namespaces the objects, or the releases, lie in.
const NAMESPACES: usize = 4;
/// Of so many runs the median counts.
const RUNS: usize = 3;

/// What every configuration begins with.
const HEAD: &str = r#"
terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    helm       = { source = "hashicorp/helm" }
  }
}
provider "kubernetes" {}
provider "helm" {}
resource "kubernetes_namespace" "n" {
  count = NAMESPACES
  metadata {
    name = "NAME-${count.index}"
  }
}
"#;

/// A kind of the world, with its share of a hundred objects.
const KINDS: &[(usize, &str, &str)] = &[
    (40, "kubernetes_config_map", "data = { a = \"1\", n = tostring(count.index) }"),
    (20, "kubernetes_secret", "data = { a = \"1\" }"),
    (15, "kubernetes_service_account", ""),
    (10, "kubernetes_role", "rule {\n    api_groups = [\"\"]\n    resources  = [\"pods\"]\n    verbs      = [\"get\"]\n  }"),
    (5, "kubernetes_service", "spec {\n    selector = { app = \"a\" }\n    port {\n      port = 80\n    }\n  }"),
    (10, "kubernetes_deployment", DEPLOYMENT),
];

const DEPLOYMENT: &str = r#"wait_for_rollout = false
  spec {
    replicas = "0"
    selector {
      match_labels = { app = "a" }
    }
    template {
      metadata {
        labels = { app = "a" }
      }
      spec {
        container {
          name  = "a"
          image = "registry.test/a:1"
        }
      }
    }
  }"#;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Options::read(&arguments).and_then(|options| options.map_or(Ok(()), |o| measure(&o))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cluster: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What is to be measured.
struct Options {
    objects: usize,
    releases: usize,
    write: bool,
}

impl Options {
    /// From the command line; none when only help was asked for.
    fn read(arguments: &[String]) -> Result<Option<Self>> {
        let mut options = Self { objects: OBJECTS, releases: RELEASES, write: false };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--objects" => options.objects = value()?.parse()?,
                "--releases" => options.releases = value()?.parse()?,
                "--write" => options.write = true,
                "--bench" => {} // cargo adds it
                "--help" => {
                    println!("cluster [--objects N] [--releases N] [--write]");
                    return Ok(None);
                }
                other => return Err(format!("unknown argument {other}").into()),
            }
        }
        Ok(Some(options))
    }
}

fn measure(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let sandbox = Sandbox::named("bench", Places::new(Places::from_environment()?.cache(), folder.path()))?;
    let running = sandbox.start(&StartOptions { kubernetes: true, ..StartOptions::default() })?;
    let table = running.control_plane("bench", 2).map_err(Into::into).and_then(|plane| {
        let helm = running.env().into_iter().find(|(name, _)| name == "LEVEE_HELM").map(|(_, path)| path).unwrap_or_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let access = Access { config_paths: vec![plane.kubeconfig.display().to_string()], ..Access::default() };
        let cluster = runtime.block_on(Cluster::reach(access, None))?;
        let bench = Bench { folder: folder.path(), kubeconfig: plane.kubeconfig.display().to_string(), helm, cluster, runtime };
        bench.table(options)
    });
    sandbox.stop()?;
    let table = table?;
    print!("{table}");
    if options.write { keep(&table) } else { Ok(()) }
}

/// A control plane that is measured against.
struct Bench<'a> {
    folder: &'a Path,
    kubeconfig: String,
    helm: String,
    cluster: Cluster,
    runtime: tokio::runtime::Runtime,
}

/// What one command took.
struct Sample {
    seconds: f64,
    calls: BTreeMap<String, u64>,
}

impl Bench<'_> {
    fn table(&self, options: &Options) -> Result<String> {
        let cores = std::thread::available_parallelism()?;
        let built = if cfg!(debug_assertions) { ", built without optimisation" } else { "" };
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        let mut text = format!("levee {}{built} on {os} {arch}, {cores} cores.\n\n", env!("CARGO_PKG_VERSION"));
        text.push_str("| World | Step | Time | Calls | Which |\n| :- | :- | -: | -: | :- |\n");
        let worlds = [
            (format!("{} objects of {} kinds", options.objects, KINDS.len()), "objects", objects(options.objects)),
            (format!("{} Helm releases", options.releases), "releases", releases(options.releases)),
        ];
        for (title, name, main) in worlds {
            let world = self.folder.join(name);
            fs::create_dir_all(world.join("chart/templates"))?;
            fs::write(world.join("chart/Chart.yaml"), "apiVersion: v2\nname: small\nversion: 1.0.0\n")?;
            fs::write(world.join("chart/templates/map.yaml"), MAP)?;
            let head = HEAD.replace("NAMESPACES", &NAMESPACES.to_string()).replace("NAME", name);
            fs::write(world.join("main.tf"), format!("{head}\n{main}"))?;
            self.run(&world, &["init"])?;
            let steps: [(&str, &[&str], usize); 2] =
                [("apply, from nothing", &["apply", "-auto-approve"], 1), ("plan, empty", &["plan", "-detailed-exitcode"], RUNS)];
            for (step, arguments, runs) in steps {
                let mut samples = (0..runs).map(|_| self.sample(&world, arguments)).collect::<Result<Vec<_>>>()?;
                samples.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
                let Sample { seconds, calls } = &samples[samples.len() / 2];
                let which: Vec<String> = calls.iter().map(|(what, count)| format!("{count} {what}")).collect();
                let which = if runs == 1 { String::new() } else { which.join(", ") };
                writeln!(text, "| {title} | {step} | {seconds:.2} s | {} | {which} |", calls.values().sum::<u64>())?;
            }
        }
        Ok(text)
    }

    fn sample(&self, world: &Path, arguments: &[&str]) -> Result<Sample> {
        let before = self.counted()?;
        let started = Instant::now();
        self.run(world, arguments)?;
        let seconds = started.elapsed().as_secs_f64();
        let after = self.counted()?;
        let more = |(what, count): (String, u64)| {
            let more = count - before.get(&what).copied().unwrap_or_default();
            (more > 0).then_some((what, more))
        };
        Ok(Sample { seconds, calls: after.into_iter().filter_map(more).collect() })
    }

    /// Runs levee, which is to succeed.
    fn run(&self, world: &Path, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_levee"));
        command.args(arguments).args(if arguments == ["init"] { &[][..] } else { &["-no-color"] });
        command.current_dir(world).env("KUBE_CONFIG_PATH", &self.kubeconfig).env("LEVEE_HELM", &self.helm).stdin(Stdio::null());
        let output = command.output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        let tail: Vec<&str> = said.lines().rev().take(30).collect();
        Err(format!("{arguments:?} failed:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n")).into())
    }

    /// How often the API server was asked for what so far: `LIST configmaps`.
    fn counted(&self) -> Result<BTreeMap<String, u64>> {
        let request = Request::new(Verb::Get, "metrics", "/metrics");
        let text = self.runtime.block_on(self.cluster.ask_text(&request))?;
        let mut counted = BTreeMap::new();
        for line in text.lines().filter_map(|line| line.strip_prefix("apiserver_request_total{")) {
            let Some((labels, count)) = line.rsplit_once("} ") else { continue };
            let of = |name: &str| {
                labels.split(',').find_map(|l| l.strip_prefix(name)?.strip_prefix("=\"")?.strip_suffix('"')).unwrap_or_default()
            };
            let (verb, resource, subresource) = (of("verb"), of("resource"), of("subresource"));
            if let Some(what) = what(verb, resource, subresource) {
                *counted.entry(what).or_default() += count.parse::<f64>().map(|count| count as u64)?;
            }
        }
        Ok(counted)
    }
}

/// What a call is called, unless only the cluster's own parts make such calls.
fn what(verb: &str, resource: &str, subresource: &str) -> Option<String> {
    let own = ["leases", "events", "subjectaccessreviews", "tokenreviews", "nodes", "endpoints", "endpointslices", "replicasets", "pods"];
    let is_probe = ["/healthz", "/livez", "/readyz", "/metrics"].contains(&subresource) || subresource.contains("openapi");
    if verb == "WATCH" || own.contains(&resource) || is_probe || ["status", "scale", "token"].contains(&subresource) {
        return None;
    }
    if resource.is_empty() { Some(format!("{verb} {subresource}")) } else { Some(format!("{verb} {resource}")) }
}

fn objects(count: usize) -> String {
    let mut text = String::new();
    for (share, kind, body) in KINDS {
        let count = count * share / 100;
        writeln!(
            text,
            "resource \"{kind}\" \"o\" {{\n  count = {count}\n  metadata {{\n    name      = \"o-${{count.index}}\"\n    namespace = \
             kubernetes_namespace.n[count.index % {NAMESPACES}].metadata[0].name\n  }}\n  {body}\n}}"
        )
        .expect("a text takes text");
    }
    text
}

/// One small chart.
const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  n: {{ .Values.n | quote }}\n";

fn releases(count: usize) -> String {
    format!(
        "resource \"helm_release\" \"r\" {{\n  count     = {count}\n  name      = \"r-${{count.index}}\"\n  namespace = \
         kubernetes_namespace.n[count.index % {NAMESPACES}].metadata[0].name\n  chart     = \"./chart\"\n  values    = \
         [yamlencode({{ n = count.index }})]\n}}\n"
    )
}

/// Puts the table between its markers in `docs/performance.md`.
fn keep(table: &str) -> Result<()> {
    let (begin, end) = ("<!-- cluster: begin -->", "<!-- cluster: end -->");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let page = fs::read_to_string(&path)?;
    let missing = || format!("{} has no line {begin} or {end}", path.display());
    let (before, rest) = page.split_once(begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(end).ok_or_else(missing)?;
    Ok(fs::write(&path, format!("{before}{begin}\n\n{table}\n{end}{after}"))?)
}

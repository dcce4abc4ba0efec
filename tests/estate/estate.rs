//! A copy of the example and a sandbox for it, both gone when the test is.

use crate::control::Control;
use crate::test_env::{Output, TestEnv};
use levee_sandbox::{Places, Sandbox, install};
use serde_json::Value as Json;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// So many objects the example has at least.
pub(crate) const TIDEPOOL: usize = 60;

/// The example in a sandbox.
pub(crate) struct Estate {
    /// Where it is.
    pub(crate) env: TestEnv,
    /// Its sandbox.
    pub(crate) control: Control,
    name: String,
    python: PathBuf,
}

impl Estate {
    /// Starts the sandbox, without Kubernetes and so without what the example runs on its cluster. Its packages are shared with all
    /// others of this machine; the rest is its own.
    pub(crate) fn new(case: &str) -> Self {
        Self::copied(case, &[])
    }

    /// Likewise, with arguments for the sandbox's layer.
    pub(crate) fn copied(case: &str, layer: &[&str]) -> Self {
        let env = TestEnv::new(case);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tidepool"), &env.dir());
        fs::remove_file(env.path("workloads.tf")).expect("the part that needs Kubernetes");
        Self::of(case, env, &[&["-without-kubernetes", "--"], layer].concat())
    }

    /// The whole example in a sandbox with Kubernetes.
    pub(crate) fn whole(case: &str) -> Self {
        let env = TestEnv::new(case);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tidepool"), &env.dir());
        Self::of(case, env, &[])
    }

    /// This configuration in a sandbox with Kubernetes.
    pub(crate) fn with_kubernetes(case: &str, main: &str) -> Self {
        let env = TestEnv::new(case);
        env.write("main.tf", main);
        env.write("values.tfvars", "");
        Self::of(case, env, &[])
    }

    /// Likewise, with this configuration in place of the example.
    pub(crate) fn written(case: &str, main: &str, layer: &[&str]) -> Self {
        let env = TestEnv::new(case);
        env.write("main.tf", main);
        env.write("values.tfvars", "");
        Self::of(case, env, &[&["-without-kubernetes", "--"], layer].concat())
    }

    fn of(case: &str, mut env: TestEnv, options: &[&str]) -> Self {
        let name = case.to_owned(); // names are unique in a runtime directory, and each test has its own
        let shared = Places::from_environment().expect("a cache");
        let places = Places::new(shared.cache(), runtime(&env));
        env.levee(["init"]).ok();
        run(&env, &[&["sandbox", "start", "-name", &name], options].concat());
        let sandbox = Sandbox::named(&name, places.clone()).expect("a good name");
        let running = sandbox.status().expect("a status").expect("it runs");
        for (name, value) in running.env() {
            env.set(&name, &value);
        }
        let python = install::install(&places).expect("it is installed already").python;
        Self { env, control: Control::new(running.port), name, python }
    }

    /// Runs a verb with the example's values.
    pub(crate) fn levee<const N: usize>(&self, args: [&str; N]) -> Output {
        self.env.run(self.command(&args))
    }

    /// A verb with the example's values, not started yet.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.env.command(args);
        command.arg("-var-file=values.tfvars");
        command
    }

    /// There is nothing left to do, and nothing looks different from what the last run left.
    #[track_caller]
    pub(crate) fn is_settled(&self) {
        self.levee(["plan", "-detailed-exitcode"]).ok().says("No changes.").hides("Objects have changed outside of levee");
    }

    /// The state as JSON.
    pub(crate) fn state(&self) -> Json {
        self.env.levee(["show", "-json"]).ok().json()
    }

    /// Runs a script of this folder with boto3 in the sandbox.
    #[track_caller]
    pub(crate) fn script(&self, name: &str) -> Output {
        self.script_with(name, &[])
    }

    /// Likewise, with arguments.
    #[track_caller]
    pub(crate) fn script_with(&self, name: &str, args: &[&str]) -> Output {
        let mut command = self.env.command(&[]);
        let mut python = Command::new(&self.python);
        python
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/estate").join(name))
            .args(args)
            .current_dir(self.env.dir())
            .env_clear();
        python.envs(command.get_envs().filter_map(|(k, v)| Some((k, v?)))).env("PYTHONDONTWRITEBYTECODE", "1");
        command = python;
        self.env.run(command).ok()
    }

    /// An empty cloud and an empty state.
    pub(crate) fn start_over(&self) {
        self.control.post("reset", &Json::Null);
        let kept = fs::read_dir(self.env.path(".levee")).into_iter().flatten().flatten().map(|e| e.path());
        // What is a directory holds modules.
        for file in kept.chain([self.env.path("terraform.tfstate")]).filter(|path| path.is_file()) {
            fs::remove_file(file).expect("the state can be removed");
        }
    }
}

impl Drop for Estate {
    fn drop(&mut self) {
        run(&self.env, &["sandbox", "stop", "-name", &self.name]);
    }
}

fn runtime(env: &TestEnv) -> PathBuf {
    env.path("../sandboxes")
}

/// Sandboxes are installed as the user's environment says: that is where a mirror of packages is named.
fn run(env: &TestEnv, args: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_levee"));
    command.args(args).env("LEVEE_SANDBOX_DIR", runtime(env));
    let output = env.run(command);
    // While a test fails already, a second panic would hide why.
    assert!(output.code == Some(0) || std::thread::panicking(), "{output}");
}

/// What a run in the example itself has left, such as that of scripts/quickstart.
fn is_state(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("terraform.tfstate")
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the example").flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() && entry.file_name() != ".levee" {
            fs::create_dir_all(&target).expect("a folder");
            copy(&source, &target);
        } else if source.is_file() && !is_state(&entry.file_name()) {
            fs::copy(&source, &target).expect("a copy");
        }
    }
}

/// Tells a figure to whoever runs the tests with `--nocapture`.
#[expect(clippy::print_stdout, reason = "figures are for people who ask for them")]
pub(crate) fn figure(text: &str) {
    println!("{text}");
}

//! Modules from elsewhere: a git repository, archives, a registry; and what locks them.

use crate::test_env::TestEnv;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// A module whose output tells which one it is.
fn module(says: &str) -> String {
    format!("output \"says\" {{\n  value = \"{says}\"\n}}\n")
}

fn calling(source: &str, version: &str) -> String {
    let version = if version.is_empty() { String::new() } else { format!("  version = \"{version}\"\n") };
    format!("module \"far\" {{\n  source = \"{source}\"\n{version}}}\n\noutput \"far\" {{\n  value = module.far.says\n}}\n")
}

/// What the module says that is installed.
#[track_caller]
fn says(env: &TestEnv, expected: &str) {
    env.levee(["plan"]).ok().says(&format!("\"{expected}\""));
}

struct Repository(PathBuf);

impl Repository {
    fn new(env: &TestEnv) -> Self {
        let dir = env.path("../repository");
        fs::create_dir_all(&dir).expect("a directory");
        let new = Self(dir);
        new.git(&["init", "--quiet", "--initial-branch=main"]);
        new
    }

    fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.0).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(args);
        let out = command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").output().expect("git runs");
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    }

    /// Commits a module that says something, in a directory of the repository.
    fn commit(&self, text: &str) {
        fs::create_dir_all(self.0.join("nets/far")).expect("a directory");
        fs::write(self.0.join("nets/far/main.tf"), module(text)).expect("written");
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "-m", text]);
    }

    fn source(&self, query: &str) -> String {
        format!("git::file://{}//nets/far{query}", self.0.canonicalize().expect("it is there").display())
    }
}

#[test]
fn a_git_repository_is_fetched_once_and_locked() {
    let env = TestEnv::new("git-module");
    let repository = Repository::new(&env);
    repository.commit("first");
    repository.git(&["tag", "v1"]);
    env.write("main.tf", &calling(&repository.source("?ref=v1"), ""));
    env.levee(["validate"]).refused().says("Module not installed");
    env.levee(["init"]).ok().says("Downloading").says("- far in .levee/modules/far/nets/far");
    says(&env, "first");
    env.levee(["init"]).ok().hides("Downloading");
    assert!(fs::read_to_string(env.path(".levee.lock.json")).expect("a lock file").contains("commit:"));
    assert!(!env.path(".levee/modules/far/.git").exists());

    // A tag that moves is told; an upgrade accepts it.
    repository.commit("second");
    repository.git(&["tag", "--force", "v1"]);
    fs::remove_dir_all(env.path(".levee")).expect("it is there");
    env.levee(["init"]).refused().says("is locked").says("-upgrade");
    env.levee(["init", "-upgrade"]).ok();
    says(&env, "second");

    // A branch that moves is installed as it was.
    env.write("main.tf", &calling(&repository.source("?ref=main"), ""));
    env.levee(["init"]).ok();
    repository.commit("third");
    fs::remove_dir_all(env.path(".levee")).expect("it is there");
    env.levee(["init", "-lockfile=readonly"]).ok();
    says(&env, "second");
    env.levee(["get", "-update"]).ok();
    says(&env, "third");
    env.levee(["modules"]).ok().says("\"far\"[git::file://");

    for wrong in ["?ref=--upload-pack=x", "?ref=nowhere", "?ref=v1&sshkey=abc"] {
        env.write("main.tf", &calling(&repository.source(wrong), ""));
        env.levee(["init"]).refused().says("Failed to download module").hides("abc");
    }
    env.write("main.tf", &calling("git::ext::sh -c touch% /tmp/x", ""));
    env.levee(["init"]).refused().says("Failed to download module");
    env.write("main.tf", &calling("s3::https://s3.amazonaws.com/bucket/x.zip", ""));
    env.levee(["init"]).refused().says("Unsupported construct").says("main.tf line 2");
}

#[test]
fn an_installation_that_was_killed_is_done_again() {
    let env = TestEnv::new("killed-install");
    let repository = Repository::new(&env);
    repository.commit("whole");
    env.write("main.tf", &calling(&repository.source(""), ""));
    env.write(".levee/modules/.new-far/half.tf", "nonsense =");
    env.write(".levee/modules/far/nets/far/main.tf", "nonsense =");
    env.levee(["init"]).ok();
    says(&env, "whole");
    assert!(!env.path(".levee/modules/.new-far").exists());
}

type Answers = Arc<Mutex<BTreeMap<String, (Vec<String>, Vec<u8>)>>>;

/// A server of fixed answers on this machine.
struct Server {
    port: u16,
    answers: Answers,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (answers, asked) = (Answers::default(), Arc::new(Mutex::new(Vec::new())));
        let server = Self { port, answers: answers.clone(), asked: asked.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let (mut request, mut buffer) = (Vec::new(), [0; 1024]);
                while !request.windows(4).any(|w| w == b"\r\n\r\n") {
                    match stream.read(&mut buffer) {
                        Ok(n) if n > 0 => request.extend(&buffer[..n]),
                        _ => break,
                    }
                }
                let head = String::from_utf8_lossy(&request).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                asked.lock().expect("the lock").push(head);
                let found = answers.lock().expect("the lock").get(&path).cloned();
                let (status, headers, body) = found.map_or(("404 Not Found", Vec::new(), Vec::new()), |(h, b)| ("200 OK", h, b));
                let headers: String = headers.iter().map(|h| format!("{h}\r\n")).collect();
                let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
                drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)));
            }
        });
        server
    }

    fn put(&self, path: &str, headers: &[&str], body: impl AsRef<[u8]>) {
        let headers = headers.iter().map(|h| (*h).to_owned()).collect();
        self.answers.lock().expect("the lock").insert(path.to_owned(), (headers, body.as_ref().to_vec()));
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// A packed directory with a module in `nets/far`; `name` may be one that leads elsewhere.
fn packed(name: &str, text: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let text = module(text);
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    // Written by hand: the builder would refuse what a wrong archive holds.
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_cksum();
    tar.append(&header, text.as_bytes()).expect("packed");
    tar.into_inner().and_then(flate2::write::GzEncoder::finish).expect("packed")
}

fn zipped(text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("nets/far/main.tf", zip::write::SimpleFileOptions::default()).expect("packed");
    zip.write_all(module(text).as_bytes()).expect("packed");
    zip.finish().expect("packed").into_inner()
}

#[test]
fn archives_over_http() {
    let env = TestEnv::new("archive-module");
    let server = Server::new();
    server.put("/a.tgz", &[], packed("nets/far/main.tf", "tar"));
    server.put("/a.zip", &[], zipped("zip"));
    server.put("/out.tgz", &[], packed("../../out.tf", "escaped"));
    server.put("/page?terraform-get=1", &[], format!("<meta name=\"terraform-get\" content=\"{}\">", server.url("/a.zip")));
    server.put("/head?terraform-get=1", &["X-Terraform-Get: ./a.tgz//nets"], "");

    for (path, expected) in
        [("/a.tgz//nets/far", "tar"), ("/a.zip//nets/far", "zip"), ("/page//nets/far", "zip"), ("/a.tgz//n*/far", "tar")]
    {
        env.write("main.tf", &calling(&server.url(path), ""));
        env.levee(["init"]).ok();
        says(&env, expected);
    }
    for (path, expected) in [
        ("/out.tgz", "leads out of the package"),
        ("/none.zip", "bad response code: 404"),
        ("/a.zip//nowhere", "does not exist"),
        ("/a.tar.xz", "levee reads zip, tar and tar.gz"),
        ("/a.zip?checksum=md5:00000000000000000000000000000000", "Checksums did not match"),
    ] {
        env.write("main.tf", &calling(&server.url(path), ""));
        env.levee(["init"]).refused().says(expected);
    }
    assert!(!env.path("../out.tf").exists() && !env.path(".levee/out.tf").exists());

    // What is at an address by now is not what was locked.
    env.write("main.tf", &calling(&server.url("/a.zip//nets/far"), ""));
    env.levee(["init"]).ok();
    server.put("/a.zip", &[], zipped("other"));
    fs::remove_dir_all(env.path(".levee")).expect("it is there");
    env.levee(["init"]).refused().says("is locked").says("-upgrade");
}

#[test]
fn a_registry_names_versions() {
    let mut env = TestEnv::new("registry-module");
    let server = Server::new();
    let host = format!("127.0.0.1:{}", server.port);
    server.put("/.well-known/terraform.json", &[], r#"{"modules.v1": "/v1/modules/"}"#);
    let versions = |all: &[&str]| {
        let all: Vec<_> = all.iter().map(|v| serde_json::json!({ "version": v })).collect();
        serde_json::json!({ "modules": [{ "versions": all }] }).to_string()
    };
    server.put("/v1/modules/acme/net/aws/versions", &[], versions(&["1.0.0", "1.2.0", "2.0.0", "2.1.0-beta1"]));
    for version in ["1.0.0", "1.2.0", "1.3.0", "2.0.0", "2.1.0-beta1"] {
        let path = format!("/v1/modules/acme/net/aws/{version}/download");
        server.put(&path, &[&format!("X-Terraform-Get: /{version}.tgz")], "");
        server.put(&format!("/{version}.tgz"), &[], packed("nets/far/main.tf", &format!("is {version}")));
    }
    env.set("TF_TOKEN_127_0_0_1:80", "elsewhere");
    let source = format!("{host}/acme/net/aws//nets/far");
    for (version, expected) in [("~> 1.0", "is 1.2.0"), ("", "is 1.2.0"), (">= 2.0", "is 2.0.0"), ("2.1.0-beta1", "is 2.1.0-beta1")] {
        env.write("main.tf", &calling(&source, version));
        env.levee(["init"]).ok();
        says(&env, expected);
    }
    // A new version is for those who ask for one.
    env.write("main.tf", &calling(&source, "~> 1.0"));
    env.levee(["init"]).ok();
    server.put("/v1/modules/acme/net/aws/versions", &[], versions(&["1.2.0", "1.3.0"]));
    fs::remove_dir_all(env.path(".levee")).expect("it is there");
    env.levee(["init"]).ok().says("1.2.0");
    env.levee(["init", "-upgrade"]).ok().says("1.3.0");
    assert_eq!(env.levee(["modules", "-json"]).ok().json()["modules"][0]["version"], "1.3.0");

    env.write("main.tf", &calling(&source, "~> 9.0"));
    env.levee(["validate"]).refused().says("Module version requirements have changed");
    env.levee(["init"]).refused().says("Unresolvable module version constraint").says("1.3.0");
    env.write("main.tf", &calling(&format!("{host}/acme/none/aws"), ""));
    env.levee(["init"]).refused().says("Module not found");
    assert!(!server.asked.lock().expect("the lock").iter().any(|r| r.contains("elsewhere")), "a token went to another host");
}

#[test]
fn a_module_is_copied_to_begin_with() {
    let env = TestEnv::new("from-module");
    fs::create_dir_all(env.path("../start")).expect("a directory");
    fs::write(env.path("../start/main.tf"), "output \"a\" {\n  value = 1\n}\n").expect("written");
    env.levee(["init", "-from-module=../start"]).ok();
    assert!(Path::new(&env.path("main.tf")).exists());
    env.levee(["init", "-from-module=../start"]).refused().says("already contains files");
}

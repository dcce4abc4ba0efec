//! How the program is linked.

/// What is done for programs of Linux with glibc, where it was measured.
///
/// Millions of addresses in the tables of the AWS SDK would be adjusted whenever the program starts, if it could lie anywhere:
/// five megabytes and half of the start-up. It lies at a fixed address, as programs in Go do.
///
/// What plans and applies run is laid side by side, since a page that is touched brings its neighbours: `scripts/link-order`.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=link-order.ld");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    if variable("CARGO_CFG_TARGET_OS") != "linux" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    println!("cargo:rustc-link-arg-bins=-no-pie");
    if variable("CARGO_CFG_TARGET_ARCH") == "x86_64" && variable("PROFILE") == "release" {
        println!("cargo:rustc-link-arg-bins=-Wl,-T,{}/link-order.ld", variable("CARGO_MANIFEST_DIR"));
    }
}

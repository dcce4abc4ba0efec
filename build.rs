//! How the program is linked.

/// Millions of addresses in the tables of the AWS SDK would be adjusted whenever the program starts, if it could lie anywhere:
/// five megabytes and half of the start-up. It lies at a fixed address, as programs in Go do.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let of_target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if of_target("OS") == "linux" && of_target("ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}

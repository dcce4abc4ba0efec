//! Any bytes as values of variables, in both syntaxes: parsed, and evaluated as the constants they must be.
#![no_main]

use levee::config::tfvars::{InputSource, VarOption, inputs};
use levee::eval::constant;
use levee_model::Sources;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let dir = tempfile::tempdir().expect("a directory");
    for name in ["terraform.tfvars", "given.tfvars.json"] {
        std::fs::write(dir.path().join(name), data).expect("a file");
    }
    let options = [VarOption::File(dir.path().join("given.tfvars.json"))];
    let (values, _) = inputs(dir.path(), &options, [], &mut Sources::default());
    for value in values.values() {
        assert_ne!(value.source, InputSource::Environment);
        if let levee::config::tfvars::Given::Expr(expr) = &value.given {
            let _ = constant(expr);
        }
    }
});

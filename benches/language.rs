//! How fast text becomes values: a megabyte of configuration, and ten thousand instances of one block.
//!
//! `cargo bench --bench language`
//!
//! The megabyte is one module of resources, locals and outputs that refer to each other. Loading reads and compiles it;
//! validating also evaluates every block, which is what `levee validate` does.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use levee::config::Rules;
use levee::config::{Body, Config, Subject, load};
use levee::engine::{self, Workspace};
use levee::eval::{Scope, evaluate_body, functions};
use levee_model::{Diagnostic, Diagnostics, InstanceKey, Mode, Span, Type, Value};
use levee_sdk::schema::{Attribute, Block};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const MEGABYTE: usize = 1 << 20;
const INSTANCES: u64 = 10_000;

fn main() {
    divan::main();
}

/// A directory with a megabyte of configuration.
fn megabyte() -> TempDir {
    let dir = tempfile::tempdir().expect("a directory for the bench");
    let mut text = String::from("variable \"region\" {\n  type    = string\n  default = \"eu-north-1\"\n}\n");
    for i in 0.. {
        let before = i.max(1) - 1;
        let _ = write!(
            text,
            r#"
# Number {i} of many.
locals {{
  name_{i} = "service-{i}-${{var.region}}"
  tags_{i} = merge({{ Name = local.name_{i}, Index = {i} }}, {{ for k in ["a", "b"] : k => upper(k) if k != "c" }})
}}

resource "terraform_data" "service_{i}" {{
  input = {{
    name    = local.name_{i}
    ports   = [80, 443, {i} + 8000]
    enabled = {i} % 2 == 0 ? true : false
    tags    = local.tags_{i}
    before  = "after ${{local.name_{before}}}"
  }}
  triggers_replace = [local.name_{i}, length(local.tags_{i})]
}}

output "service_{i}" {{
  value = terraform_data.service_{i}.input.name
}}
"#
        );
        if text.len() >= MEGABYTE {
            break;
        }
    }
    std::fs::write(dir.path().join("main.tf"), text).expect("the configuration is written");
    dir
}

fn loaded(dir: &Path) -> Config {
    let (config, diagnostics) = load(dir, Rules::default());
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    config
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn load_a_megabyte(bencher: Bencher<'_, '_>) {
    let dir = megabyte();
    bencher.counter(BytesCount::new(MEGABYTE)).bench(|| loaded(dir.path()));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn load_and_evaluate_a_megabyte(bencher: Bencher<'_, '_>) {
    let dir = megabyte();
    let workspace = Workspace::locate(dir.path(), None, None);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    bencher.counter(BytesCount::new(MEGABYTE)).bench(|| {
        let (diagnostics, config) = runtime.block_on(engine::validate(&workspace));
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        config
    });
}

/// Twenty arguments of the kinds that resources have.
const BODY: &str = r#"
resource "wide" "many" {
  name        = "node-${count.index}"
  zone        = var.zones[count.index % 3]
  size        = count.index * 2 + 1
  enabled     = count.index % 2 == 0
  image       = "registry/app:${var.release}"
  description = "Node ${count.index} of ${var.release} in ${var.zones[count.index % 3]}"
  cpu         = 4
  memory      = 16 * 1024
  disk        = max(20, count.index % 100)
  address     = cidrhost("10.0.0.0/8", count.index + 1)
  ports       = [80, 443, 8000 + count.index % 10]
  tags        = { Name = "node-${count.index}", Release = var.release, Owner = "team" }
  labels      = { for z in var.zones : z => upper(z) }
  command     = join(" ", ["run", "--index", count.index])
  role        = count.index == 0 ? "first" : "other"
  tier        = lookup({ a = "gold", b = "silver" }, "a", "none")
  parent      = format("rack-%03d", count.index)
  timeout     = "30s"
  retries     = 3
  note        = null
}
"#;

struct Numbered {
    index: u64,
    zones: Value,
    release: Value,
    functions: functions::Context<'static>,
}

impl Scope for Numbered {
    fn root(&self, subject: &Subject, span: Span) -> Result<Value, Diagnostic> {
        match subject {
            Subject::Count => Ok(Value::object([(Arc::from("index"), Value::number(self.index))].into())),
            Subject::Variable(name) if &**name == "zones" => Ok(self.zones.clone()),
            Subject::Variable(_) => Ok(self.release.clone()),
            other => Err(Diagnostic::error("Not in this bench", other.to_string()).at(span)),
        }
    }

    fn resource(&self, _: Mode, _: &Arc<str>, name: &Arc<str>, _: Option<&InstanceKey>, span: Span) -> Result<Value, Diagnostic> {
        Err(Diagnostic::error("Not in this bench", &**name).at(span))
    }

    fn module(&self, name: &str, _: Option<&InstanceKey>, _: Option<&str>, span: Span) -> Result<Value, Diagnostic> {
        Err(Diagnostic::error("Not in this bench", name).at(span))
    }

    fn functions(&self) -> &functions::Context<'_> {
        &self.functions
    }
}

fn schema(body: &Body) -> Block {
    let ty = |name: &str| match name {
        "size" | "cpu" | "memory" | "disk" | "retries" => Type::Number,
        "enabled" => Type::Bool,
        "ports" => Type::list(Type::Number),
        "tags" | "labels" => Type::map(Type::String),
        _ => Type::String,
    };
    let attributes = body.attributes.iter().map(|a| (a.name.clone(), Attribute { optional: true, ..Attribute::new(ty(&a.name)) }));
    Block { attributes: attributes.collect(), blocks: BTreeMap::new() }
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn evaluate_ten_thousand_instances(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().expect("a directory for the bench");
    let declared = "variable \"zones\" {}\nvariable \"release\" {}\n";
    std::fs::write(dir.path().join("main.tf"), format!("{declared}{BODY}")).expect("the configuration is written");
    let config = loaded(dir.path());
    let module = config.modules.values().next().expect("the root module");
    let resource = module.resources.values().next().expect("the resource");
    let schema = schema(&resource.body);
    assert_eq!(schema.attributes.len(), 20);
    let functions = functions::Context {
        base_dir: PathBuf::from("."),
        files: levee::config::Files::default(),
        home: None,
        plan_timestamp: None,
        planning: true,
        render: None,
        read_tfvars: None,
    };
    let zones = Value::list(Type::String, ["a", "b", "c"].map(Value::string).to_vec());
    let mut scope = Numbered { index: 0, zones, release: Value::string("1.4.2"), functions };
    bencher.counter(ItemsCount::new(INSTANCES)).bench_local(|| {
        let mut diagnostics = Diagnostics::new();
        let values: Vec<Value> = (0..INSTANCES)
            .map(|index| {
                scope.index = index;
                evaluate_body(&resource.body, &schema, &scope, &mut diagnostics)
            })
            .collect();
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        values
    });
}

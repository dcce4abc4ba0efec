//! How the language's own blocks are written in JSON. There a property looks the same whether it is an argument or a block,
//! and a string whether it is a value, a text or an expression; the language tells by what stands where.

use levee_model::Mode;

/// What the properties of a body are. Whatever is in no list is an argument whose strings are templates.
#[derive(Debug)]
pub(super) struct Layout {
    /// Nested blocks.
    pub(super) blocks: &'static [Nested],
    /// Arguments whose strings are taken as they are.
    pub(super) texts: &'static [&'static str],
    /// Arguments whose strings hold names, types or keywords.
    pub(super) names: &'static [&'static str],
    /// Arguments whose strings hold an expression of which references are read.
    pub(super) expressions: &'static [&'static str],
    /// Whether every property is an argument.
    pub(super) form: Form,
    /// What else may stand in it.
    pub(super) open: Open,
    /// How often Terraform goes through a body of this kind: so often it reports one of the wrong form.
    pub(super) passes: usize,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Arguments and blocks.
    Mixed,
    /// Every property is an argument.
    Values,
    /// Every property is an argument whose strings are taken as they are.
    Texts,
    /// Every property is an argument that describes a required provider.
    Requirements,
}

/// Who else has a say in what a body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// Nobody.
    No,
    /// The schema of the resource type.
    Resource(Mode),
    /// The schema of the provider.
    Provider,
    /// Whoever has it around this one.
    Around,
}

/// A nested block.
#[derive(Debug)]
pub(super) struct Nested {
    pub(super) name: &'static str,
    /// What its labels are.
    pub(super) labels: &'static [&'static str],
    pub(super) layout: &'static Layout,
    /// How often Terraform reports one of the wrong form.
    pub(super) passes: usize,
}

const fn nested(name: &'static str, labels: &'static [&'static str], layout: &'static Layout) -> Nested {
    Nested { name, labels, layout, passes: 1 }
}

const PLAIN: Layout = Layout { blocks: &[], texts: &[], names: &[], expressions: &[], form: Form::Mixed, open: Open::No, passes: 1 };

/// The top of a configuration file. What is no block of it is not expected.
pub(super) static ROOT: Layout = Layout {
    blocks: &[
        Nested { name: "terraform", labels: &[], layout: &TERRAFORM, passes: 3 },
        nested("required_providers", &[], &VALUES),
        nested("provider", &["name"], &PROVIDER),
        nested("variable", &["name"], &VARIABLE),
        nested("locals", &[], &LOCALS),
        nested("output", &["name"], &OUTPUT),
        nested("module", &["name"], &MODULE),
        nested("resource", &["type", "name"], &RESOURCE),
        nested("data", &["type", "name"], &DATA),
        nested("ephemeral", &["type", "name"], &EPHEMERAL),
        nested("moved", &[], &MOVED),
        nested("removed", &[], &REMOVED),
        nested("import", &[], &IMPORT),
        nested("check", &["name"], &CHECK),
    ],
    passes: 4,
    ..PLAIN
};

pub(super) static VALUES: Layout = PLAIN;
static LOCALS: Layout = Layout { form: Form::Values, ..PLAIN };
static CONDITION: Layout = Layout { passes: 2, ..PLAIN };
static ESCAPE: Layout = Layout { open: Open::Around, ..PLAIN };

static TERRAFORM: Layout = Layout {
    blocks: &[
        nested("backend", &["type"], &BACKEND),
        nested("cloud", &[], &CLOUD),
        nested("required_providers", &[], &REQUIRED_PROVIDERS),
        nested("provider_meta", &["provider"], &VALUES),
    ],
    texts: &["required_version"],
    names: &["experiments", "language"],
    passes: 4,
    ..PLAIN
};
/// The arguments that a backend of ours knows; none of them takes a template.
static BACKEND: Layout = Layout { texts: &["path", "workspace_dir"], ..PLAIN };
static CLOUD: Layout = Layout { blocks: &[nested("workspaces", &[], &VALUES)], ..PLAIN };
static REQUIRED_PROVIDERS: Layout = Layout { form: Form::Requirements, ..PLAIN };

static PROVIDER: Layout = Layout {
    blocks: &[nested("lifecycle", &[], &VALUES), nested("locals", &[], &VALUES), nested("_", &[], &ESCAPE)],
    texts: &["alias", "version"],
    open: Open::Provider,
    ..PLAIN
};

static VARIABLE: Layout = Layout {
    blocks: &[nested("validation", &[], &CONDITION)],
    texts: &["description", "default", "sensitive", "ephemeral", "nullable"],
    names: &["type"],
    passes: 2,
    ..PLAIN
};

static OUTPUT: Layout = Layout {
    blocks: &[nested("precondition", &[], &CONDITION), nested("postcondition", &[], &CONDITION)],
    texts: &["description", "sensitive", "ephemeral"],
    names: &["depends_on"],
    passes: 2,
    ..PLAIN
};

static MODULE: Layout = Layout {
    blocks: &[
        nested("lifecycle", &[], &VALUES),
        nested("locals", &[], &VALUES),
        nested("provider", &["type"], &VALUES),
        nested("_", &[], &ESCAPE),
    ],
    texts: &["source", "version"],
    names: &["depends_on", "providers"],
    ..PLAIN
};

const RESOURCE_NAMES: &[&str] = &["depends_on", "provider"];

static RESOURCE: Layout = Layout {
    blocks: &[
        nested("locals", &[], &VALUES),
        nested("lifecycle", &[], &LIFECYCLE),
        nested("connection", &[], &VALUES),
        nested("provisioner", &["type"], &PROVISIONER),
        nested("_", &[], &ESCAPE),
    ],
    names: RESOURCE_NAMES,
    open: Open::Resource(Mode::Managed),
    ..PLAIN
};

const READ_BLOCKS: &[Nested] = &[nested("lifecycle", &[], &LIFECYCLE), nested("locals", &[], &VALUES), nested("_", &[], &ESCAPE)];

static DATA: Layout = Layout { blocks: READ_BLOCKS, names: RESOURCE_NAMES, open: Open::Resource(Mode::Data), ..PLAIN };
static EPHEMERAL: Layout = Layout { blocks: READ_BLOCKS, names: RESOURCE_NAMES, open: Open::Resource(Mode::Ephemeral), ..PLAIN };

static LIFECYCLE: Layout = Layout {
    blocks: &[nested("precondition", &[], &CONDITION), nested("postcondition", &[], &CONDITION)],
    texts: &["create_before_destroy", "prevent_destroy"],
    names: &["ignore_changes"],
    expressions: &["replace_triggered_by"],
    passes: 2,
    ..PLAIN
};

static PROVISIONER: Layout = Layout {
    blocks: &[nested("connection", &[], &VALUES), nested("lifecycle", &[], &VALUES), nested("_", &[], &ESCAPE)],
    names: &["when", "on_failure"],
    ..PLAIN
};

static MOVED: Layout = Layout { names: &["from", "to"], passes: 2, ..PLAIN };

static REMOVED: Layout = Layout {
    blocks: &[
        nested("lifecycle", &[], &REMOVED_LIFECYCLE),
        nested("connection", &[], &VALUES),
        nested("provisioner", &["type"], &PROVISIONER),
    ],
    names: &["from"],
    passes: 2,
    ..PLAIN
};
static REMOVED_LIFECYCLE: Layout = Layout { texts: &["destroy"], passes: 2, ..PLAIN };

static IMPORT: Layout = Layout { names: &["provider"], expressions: &["to"], passes: 2, ..PLAIN };

static CHECK: Layout =
    Layout { blocks: &[nested("data", &["type", "name"], &DATA), nested("assert", &[], &CONDITION)], passes: 2, ..PLAIN };

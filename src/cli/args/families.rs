//! Commands whose name is two words: `state list`, `providers schema`, `metadata functions`, `sandbox up`.

use super::{JsonArgs, PlaceArgs, RunArgs};
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

/// What `metadata` can tell.
#[derive(Debug, Subcommand)]
pub(crate) enum MetadataCommand {
    /// The functions of the language with their parameters
    Functions {
        /// Print JSON; the only form there is
        #[arg(long, required = true)]
        json: bool,
    },
}

/// What `state` does.
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List the addresses of all objects
    List {
        /// Only what lies at or inside these addresses
        addresses: Vec<String>,
        /// Only the object that its provider knows by this id
        #[arg(long, value_name = "ID")]
        id: Option<String>,
        /// As it was after this run: its number, latest, or latest-1 and so on
        #[arg(long, value_name = "RUN")]
        at: Option<String>,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Check thoroughly whether the store is whole
    Check(JsonArgs),
    /// Copy the store to a file, and check the copy
    Backup {
        /// The file; one among levee's own backups if left out
        path: Option<PathBuf>,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Put a copy of the store in its place, and keep what is there aside
    Restore {
        /// The copy
        path: PathBuf,
        /// Also if it is of another lineage, or a run is open
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Hide what is sensitive in the store under a passphrase, or under a key of AWS KMS
    Encrypt {
        /// Take this key of AWS KMS (its ARN, or alias/NAME) in place of a passphrase
        #[arg(long, value_name = "KEY")]
        kms_key: Option<String>,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Show what is hidden in the store again
    Decrypt {
        #[command(flatten)]
        run: RunArgs,
    },
    /// Hide everything anew, with a new key, under what it is hidden under now or under something else
    RotateKey {
        /// Under this key of AWS KMS from now on: its ARN, or alias/NAME
        #[arg(long, value_name = "KEY", conflicts_with = "passphrase")]
        kms_key: Option<String>,
        /// Under a passphrase from now on
        #[arg(long)]
        passphrase: bool,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Give objects another address
    Mv {
        /// The old address: an instance, a resource or a module
        from: String,
        /// The new one
        to: String,
        /// Only say what would be moved
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Forget objects, which stay as they are
    Rm {
        /// Addresses of instances, resources or modules
        #[arg(required = true)]
        addresses: Vec<String>,
        /// Only say what would be forgotten
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Print the state as a document of Terraform's format
    Pull {
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Put a document of Terraform's format in place of the state
    Push {
        /// The document; - reads it from the standard input
        path: PathBuf,
        /// Also if it is older than the state or of another lineage
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Let objects of one provider belong to another
    ReplaceProvider {
        /// Do not ask
        #[arg(long)]
        auto_approve: bool,
        /// Source of the provider that they belong to
        from: String,
        /// Source of the provider that they are to belong to
        to: String,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Show one object
    Show {
        /// Its address
        address: String,
        /// As it was after this run: its number, latest, or latest-1 and so on
        #[arg(long, value_name = "RUN")]
        at: Option<String>,
        #[command(flatten)]
        place: PlaceArgs,
    },
}

/// What `workspace` does.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// List all workspaces, with a star at the one that is worked on
    List,
    /// Print the name of the one that is worked on
    Show,
    /// Make one, and work on it
    New {
        /// Its name
        name: String,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Work on another one
    Select {
        /// Its name
        name: String,
        /// Make it if there is none
        #[arg(long)]
        or_create: bool,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Remove one with its state
    Delete {
        /// Its name
        name: String,
        /// Also if it holds objects, which nobody looks after from then on
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        run: RunArgs,
    },
}

/// Flags of `providers`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ProvidersArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ProvidersCommand>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// What `providers` does.
#[derive(Debug, Subcommand)]
pub(crate) enum ProvidersCommand {
    /// Print all schemas
    Schema {
        /// Print JSON, the only form there is
        #[arg(long, required = true)]
        json: bool,
    },
    /// Accepted for scripts; providers are built in, so nothing is locked
    Lock {
        /// Accepted for scripts
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        rest: Vec<String>,
    },
    /// Refused: providers are built in, so there is nothing to mirror
    Mirror {
        /// Accepted for scripts
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        rest: Vec<String>,
    },
}

/// Which sandbox.
#[derive(Debug, ClapArgs)]
pub(crate) struct SandboxArgs {
    /// Name of the sandbox; several can run side by side
    #[arg(long, default_value = levee_sandbox::sandbox::DEFAULT_NAME)]
    pub(crate) name: String,
}

/// What `sandbox` does.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Start it; returns once it answers
    Start {
        #[command(flatten)]
        sandbox: SandboxArgs,
        /// Port on 127.0.0.1; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// The AWS region it is for
        #[arg(long, default_value = "us-west-2")]
        region: String,
        /// Without a Kubernetes behind EKS clusters, and without building its programs
        #[arg(long)]
        without_kubernetes: bool,
        /// Arguments of the emulation's own layer
        #[arg(last = true)]
        layer: Vec<String>,
    },
    /// End it and remove what it kept
    Stop(SandboxArgs),
    /// Say whether it runs, and where
    Status(SandboxArgs),
    /// Empty its world
    Reset(SandboxArgs),
    /// Print the variables that point AWS clients at it, for eval
    Env(SandboxArgs),
}

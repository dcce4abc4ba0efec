//! Everything that is printed as JSON, in Terraform's published formats.
//!
//! In reading order: [`values`] (values and their trees), [`resource`] (one object, and modules of them), [`checks`], [`state`] and [`plan`] (`show -json`) with
//! its [`configuration`] (`expressions`, `provider_config`), [`outputs`] (`output -json`), [`diagnostic`] (`validate -json`), [`ui`] (the event stream of `plan -json` and
//! `apply -json`), [`history`], [`version`], [`functions`] and [`timestamp`].

pub(crate) mod values;
pub(crate) mod resource;
pub(crate) mod checks;
pub(crate) mod state;
pub(crate) mod configuration;
mod expressions;
mod provider_config;
pub(crate) mod plan;
pub(crate) mod outputs;
pub(crate) mod diagnostic;
pub(crate) mod ui;
pub(crate) mod history;
pub(crate) mod version;
pub(crate) mod functions;
pub(crate) mod timestamp;

/// The release of Terraform whose formats are followed: tools read it before anything else.
pub(crate) const TERRAFORM_VERSION: &str = crate::config::version::LANGUAGE;

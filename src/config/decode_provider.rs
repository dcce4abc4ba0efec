//! `provider` blocks, `required_providers`, and how blocks name a provider configuration.

use super::body::{BlockExpr, Body};
use super::decode::Decoder;
use super::expr::{Expr, ExprKind, ObjectKey, TraversalStep};
use super::fields::{Fields, is_identifier};
use super::provider::{ProviderBlock, ProviderRef, RequiredProvider};
use super::provider_source::{ProviderSource, part};
use super::quoted::Unquoted;
use super::types::as_path;
use super::version::Constraints;
use levee_model::{Diagnostic, Span};
use std::sync::Arc;

const STATIC_REFERENCE: &str = "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.";

/// What is said about a text that constrains no version.
pub(super) const NO_CONSTRAINT: &str = "This string does not use correct version constraint syntax.";

impl Decoder<'_> {
    pub(super) fn provider(&mut self, block: BlockExpr) {
        let Some([(name, _)]) = self.labels(&block, ["name"]) else { return };
        if !self.provider_name(&name, block.span) {
            return;
        }
        let span = block.span;
        let mut body = self.unescaped(block.body, "provider-specific rather than as meta-arguments", "provider");
        for nested in body.blocks.extract_if(.., |b| ["lifecycle", "locals"].contains(&&*b.type_name)) {
            let detail = format!("The block type name {:?} is reserved for use by Terraform in a future version.", &*nested.type_name);
            self.error(nested.type_span, "Reserved block type name in provider block", detail);
        }
        let mut f = Fields::new(body, self.constants, self.diags);
        let (has_alias, alias) = f.text_if("alias");
        let version = f.take("version");
        for reserved in ["count", "depends_on", "for_each", "source"] {
            if let Some(a) = f.take(reserved) {
                let detail = format!("The provider argument name {reserved:?} is reserved for use by Terraform in a future version.");
                f.error(a.name_span, "Reserved argument name in provider block", detail);
            }
        }
        let body = f.rest();
        if has_alias && !alias.as_ref().is_some_and(|a| is_identifier(a)) {
            let detail = "An alias must be a valid name. A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.";
            self.diags.push(Diagnostic::error("Invalid provider configuration alias", detail));
        }
        let version = version.and_then(|a| self.provider_version(&a.expr));
        self.add_provider(ProviderBlock { name, alias, body, version, span });
    }

    fn provider_version(&mut self, expr: &Expr) -> Option<Arc<str>> {
        let detail = "Terraform 0.13 and earlier allowed provider version constraints inside the provider configuration block, but that is now deprecated and will be removed in a future version of Terraform. To silence this warning, move the provider version constraint into the required_providers block.";
        let summary = "Version constraints inside provider configuration blocks are deprecated";
        self.diags.push(Diagnostic::warning(summary, detail).at(expr.span));
        let text = self.constants.version("version", expr, self.diags)?;
        if Constraints::parse(&text).is_err() {
            self.error(expr.span, "Invalid version constraint", NO_CONSTRAINT);
        }
        Some(text)
    }

    fn add_provider(&mut self, block: ProviderBlock) {
        if let Some(before) = self.module.providers.iter().find(|p| p.name == block.name && p.alias == block.alias) {
            let (name, at) = (&block.name, self.place(before.span));
            let detail = match &block.alias {
                None => format!(
                    "A default (non-aliased) provider configuration for {name:?} was already given at {at}. If multiple configurations are required, set the \"alias\" argument for alternative configurations."
                ),
                Some(alias) => format!(
                    "A provider configuration for {name:?} with alias {alias:?} was already given at {at}. Each configuration for the same provider must have a distinct alias."
                ),
            };
            return self.error(block.span, "Duplicate provider configuration", detail);
        }
        self.module.providers.push(block);
    }

    /// A body with what its `_` block holds beside the rest. There may be one such block.
    pub(super) fn unescaped(&mut self, mut body: Body, what: &str, kind: &str) -> Body {
        let escapes: Vec<BlockExpr> = body.blocks.extract_if(.., |b| &*b.type_name == "_" && b.dynamic.is_none()).collect();
        let Some((first, more)) = escapes.split_first() else { return body };
        for extra in more {
            let detail = format!(
                "The special block type \"_\" can be used to force particular arguments to be interpreted as {what}, but each {kind} block can have only one such block. The first escaping block was at {}.",
                self.place(first.span)
            );
            self.error(extra.span, "Duplicate escaping block", detail);
        }
        body.attributes.extend(first.body.attributes.iter().cloned());
        body.blocks.extend(first.body.blocks.iter().cloned());
        body
    }

    /// Whether a local name can be a provider's; told if not.
    pub(super) fn provider_name(&mut self, name: &str, span: Span) -> bool {
        let detail = match part(name) {
            Err(why) => format!("{name} is an invalid provider local name: {why}"),
            Ok(normal) if normal != name => {
                format!("Provider names must be normalized. Replace {name:?} with {normal:?} to fix this error.")
            }
            Ok(_) => return true,
        };
        self.error(span, "Invalid provider local name", detail);
        false
    }

    pub(super) fn required_providers(&mut self, block: BlockExpr) {
        if self.labels::<0>(&block, []).is_none() {
            return;
        }
        if let Some(before) = self.module.settings.required_providers_span {
            let detail = format!(
                "A module may have only one required providers configuration. The required providers were previously configured at {}.",
                self.place(before)
            );
            return self.error(block.span, "Duplicate required providers configuration", detail);
        }
        self.module.settings.required_providers_span = Some(block.span);
        for nested in &block.body.blocks {
            self.error(nested.type_span, format!("Unexpected {:?} block", &*nested.type_name), "Blocks are not allowed here.");
        }
        if !block.body.blocks.is_empty() {
            return;
        }
        for a in block.body.attributes {
            let found = if self.constants.try_value(&a.expr).is_some_and(|v| v.ty().is_primitive()) {
                self.version_only(&a.name, &a.expr)
            } else if self.provider_name(&a.name, a.expr.span) {
                self.requirement(&a.name, &a.expr)
            } else {
                None
            };
            if let Some(entry) = found {
                self.module.required_providers.insert(a.name, entry);
            }
        }
    }

    /// `aws = "~> 5.0"`, the old way to write a requirement.
    fn version_only(&mut self, name: &Arc<str>, expr: &Expr) -> Option<RequiredProvider> {
        let version = self.constants.version("version", expr, self.diags);
        let version = version.filter(|text| {
            let fits = Constraints::parse(text).is_ok();
            if !fits {
                self.error(expr.span, "Invalid version constraint", NO_CONSTRAINT);
            }
            fits
        });
        let Ok(normal) = part(name) else {
            let why = part(name).err().unwrap_or_default();
            self.error(expr.span, "Invalid provider name", why);
            return None;
        };
        let source = ProviderSource::implied(&normal);
        Some(RequiredProvider { name: name.clone(), source, version, configuration_aliases: Vec::new(), span: expr.span })
    }

    fn requirement(&mut self, name: &Arc<str>, expr: &Expr) -> Option<RequiredProvider> {
        let ExprKind::Object(items) = &expr.kind else {
            self.error(expr.span, "Invalid required_providers object", "required_providers entries must be strings or objects.");
            return None;
        };
        let source = ProviderSource::implied(name);
        let mut entry = RequiredProvider { name: name.clone(), source, version: None, configuration_aliases: Vec::new(), span: expr.span };
        let before = self.diags.len();
        for (key, value) in items {
            let Some((key, span)) = self.constant_key(key) else { continue };
            let text = self.constants.try_value(value).and_then(|v| v.as_str().map(Arc::<str>::from));
            match (&*key, text) {
                ("source", Some(text)) => match ProviderSource::parse(&text) {
                    Ok(source) => entry.source = source,
                    Err(problem) => self.diags.push(problem.at(value.span)),
                },
                ("version", Some(text)) => {
                    if Constraints::parse(&text).is_err() {
                        self.error(value.span, "Invalid version constraint", NO_CONSTRAINT);
                    }
                    entry.version = Some(text);
                }
                ("configuration_aliases", _) => entry.configuration_aliases = self.aliases(name, value),
                ("source", None) => self.error(value.span, "Invalid source", "Source must be specified as a string."),
                ("version", None) => self.error(value.span, "Invalid version constraint", "Version must be specified as a string."),
                _ => {
                    let detail = "required_providers objects can only contain \"version\", \"source\" and \"configuration_aliases\" attributes. To configure a provider, use a \"provider\" block.";
                    self.error(span, "Invalid required_providers object", detail);
                    break;
                }
            }
        }
        (self.diags.len() == before).then_some(entry)
    }

    /// A key of an object that may hold constants alone.
    fn constant_key(&mut self, key: &ObjectKey) -> Option<(Arc<str>, Span)> {
        match key {
            ObjectKey::Name(name, span) => Some((name.clone(), *span)),
            ObjectKey::Expr(e) => (self.constants.value)(e, self.diags).as_str().map(|text| (Arc::from(text), e.span)),
        }
    }

    fn aliases(&mut self, name: &str, expr: &Expr) -> Vec<ProviderRef> {
        let ExprKind::Tuple(items) = &expr.kind else {
            self.error(expr.span, "Invalid expression", "A static list expression is required.");
            return Vec::new();
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let Some((root, steps)) = as_path(item) else {
                self.error(item.span, "Invalid expression", STATIC_REFERENCE);
                continue;
            };
            let alias = match &*steps {
                [] => None,
                [TraversalStep::Attr { name, .. }] => Some(name.clone()),
                _ => {
                    let detail = "Configuration aliases can only contain references to local provider configuration names in the format of provider.alias";
                    self.error(expr.span, "Invalid configuration_aliases value", detail);
                    continue;
                }
            };
            if &*root == name {
                out.push(ProviderRef { name: root, alias, span: item.span });
            } else {
                let detail =
                    format!("Configuration aliases must be prefixed with the provider name. Expected {name:?}, but found {:?}.", &*root);
                self.error(expr.span, "Invalid configuration_aliases value", detail);
            }
        }
        out
    }
}

/// What a provider configuration is named by: its local name, and an alias.
impl Decoder<'_> {
    /// `aws` or `aws.west`, as the argument called `argument` has it.
    pub(super) fn provider_ref(&mut self, expr: &Expr, argument: &str) -> Option<ProviderRef> {
        let summary = "Invalid provider configuration reference";
        let found = match self.unquoted(expr) {
            Unquoted::Bare => as_path(expr),
            Unquoted::Name(name) => as_path(&name),
            Unquoted::Wrong => return None,
        };
        let invalid = || {
            format!(
                "The {argument} argument requires a provider type name, optionally followed by a period and then a configuration alias."
            )
        };
        let Some((name, steps)) = found else {
            self.error(expr.span, summary, invalid());
            return None;
        };
        if !self.provider_name(&name, expr.span) {
            return None;
        }
        let alias = match &*steps {
            [] => None,
            [TraversalStep::Attr { name, .. }] => Some(name.clone()),
            [TraversalStep::Index { span, .. }] => {
                let detail = "Provider name must either stand alone or be followed by a period and then a configuration alias.";
                self.error(*span, summary, detail);
                return None;
            }
            _ => {
                self.error(expr.span, summary, invalid());
                return None;
            }
        };
        Some(ProviderRef { name, alias, span: expr.span })
    }
}

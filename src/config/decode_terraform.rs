//! `terraform` blocks: what a module asks of the language, and where the root module's state is kept.

use super::body::BlockExpr;
use super::decode::Decoder;
use super::decode_provider::NO_CONSTRAINT;
use super::expr::{Expr, ExprKind};
use super::fields::Fields;
use super::module::StatePlace;
use super::types::keyword;
use super::version::{Constraints, LANGUAGE};
use levee_model::Span;
use std::sync::Arc;

/// The one edition of the language.
const EDITION: &str = "TF2021";

/// Terraform reads these blocks so many times more, for what it must know first, and tells of labels each time.
const READ_BEFORE: usize = 2;

impl Decoder<'_> {
    pub(super) fn terraform(&mut self, block: BlockExpr) {
        if self.labels::<0>(&block, []).is_none() {
            for label in block.labels.iter().take(1) {
                (0..READ_BEFORE).for_each(|_| {
                    self.error(label.span, "Extraneous label for terraform", "No labels are expected for terraform blocks.");
                });
            }
            return;
        }
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let version = f.expr("required_version");
        let language = f.expr("language");
        if let Some(a) = f.take("experiments") {
            let none = matches!(&a.expr.kind, ExprKind::Tuple(items) if items.is_empty());
            let detail = "Experimental features are intended only for gathering early feedback on new language designs, and so are available only in alpha releases of Terraform.";
            if !none {
                f.error(a.name_span, "Module uses experimental features", detail);
            }
        }
        let required = f.blocks("required_providers");
        let (backends, clouds) = (f.blocks("backend"), f.blocks("cloud"));
        let metas = f.blocks("provider_meta");
        f.finish();
        language.iter().for_each(|e| self.language(e));
        if let Some(expr) = version
            && let Some(text) = self.constants.version("required_version", &expr, self.diags)
        {
            self.required_version(text, expr.span);
        }
        backends.into_iter().for_each(|b| self.backend(b));
        clouds.into_iter().for_each(|b| self.cloud(b));
        required.into_iter().for_each(|b| self.required_providers(b));
        metas.iter().for_each(|b| self.provider_meta(b));
    }

    fn language(&mut self, expr: &Expr) {
        if keyword(expr) != Some(EDITION) {
            let detail = format!(
                "The language argument expects a bare language edition keyword. Terraform {LANGUAGE} supports only language edition {EDITION}, which is the default."
            );
            self.error(expr.span, "Invalid language edition", detail);
        }
    }

    fn required_version(&mut self, text: Arc<str>, span: Span) {
        if Constraints::parse(&text).is_err() {
            return self.error(span, "Invalid version constraint", NO_CONSTRAINT);
        }
        self.module.settings.required_versions.push((text, span));
    }

    /// Words to a provider about the module. Those that are built in want to hear none.
    fn provider_meta(&mut self, block: &BlockExpr) {
        let Some([(provider, _)]) = self.labels(block, ["provider"]) else { return };
        if let Some((_, before)) = self.module.settings.provider_metas.iter().find(|(p, _)| *p == provider) {
            let at = self.place(*before);
            let detail = format!(
                "A provider_meta block for provider {provider:?} was already declared at {at}. Providers may only have one provider_meta block per module."
            );
            return self.error(block.span, "Duplicate provider_meta block", detail);
        }
        self.module.settings.provider_metas.push((provider, block.span));
    }

    fn backend(&mut self, block: BlockExpr) {
        if let Some(before) = &self.module.settings.backend {
            let at = self.place(before.span);
            let detail = format!("A module may have only one backend configuration. The backend was previously configured at {at}.");
            return self.error(block.span, "Duplicate backend configuration", detail);
        }
        let Some([(kind, kind_span)]) = self.labels(&block, ["type"]) else { return };
        self.module.settings.backend = Some(StatePlace { kind, kind_span, body: block.body, span: block.span });
        self.either_backend_or_cloud();
    }

    fn cloud(&mut self, block: BlockExpr) {
        if self.labels::<0>(&block, []).is_none() {
            return;
        }
        if let Some(before) = self.module.settings.cloud {
            let at = self.place(before);
            let detail = format!(
                "A module may have only one 'cloud' block configuring HCP Terraform or Terraform Enterprise. The 'cloud' block was previously configured at {at}."
            );
            return self.error(block.span, "Duplicate HCP Terraform configurations", detail);
        }
        self.module.settings.cloud = Some(block.span);
        self.either_backend_or_cloud();
    }

    fn either_backend_or_cloud(&mut self) {
        let settings = &self.module.settings;
        let (Some(backend), Some(cloud)) = (settings.backend.as_ref().map(|b| b.span), settings.cloud) else { return };
        let detail = format!(
            "A module may declare either one 'cloud' block OR one 'backend' block configuring a state backend. The 'cloud' block is configured at {}; a backend is configured at {}. Remove the backend block to configure HCP Terraform or Terraform Enteprise.",
            self.place(cloud),
            self.place(backend)
        );
        self.error(backend, "Both a backend and cloud configuration are present", detail);
    }
}

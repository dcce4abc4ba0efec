//! Schemas as `providers schema -json` prints them.

use crate::schema::{Attribute, Block, NestedAttribute, NestedBlock, Nesting, ProviderSchema, Schema};
use levee_model::json::type_to_json;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Version of the printed format.
pub const FORMAT_VERSION: &str = "1.0";

/// The whole document, of providers by their full source address (with the registry's host).
pub fn document(providers: impl IntoIterator<Item = (String, ProviderSchema)>) -> Json {
    let schemas: Map<String, Json> = providers.into_iter().map(|(source, p)| (source, provider(&p))).collect();
    json!({ "format_version": FORMAT_VERSION, "provider_schemas": schemas })
}

/// The key of a provider in the document: the source address with the host that it is short for.
pub fn full_source(source: &str) -> String {
    match source.split('/').count() {
        2 => format!("registry.terraform.io/{source}"),
        _ => source.to_owned(),
    }
}

/// All schemas of one provider.
pub fn provider(provider: &ProviderSchema) -> Json {
    let mut out = Map::new();
    out.insert("provider".into(), schema(&provider.provider));
    let kinds = [
        ("resource_schemas", &provider.resources),
        ("data_source_schemas", &provider.data_sources),
        ("ephemeral_resource_schemas", &provider.ephemeral),
    ];
    for (key, schemas) in kinds {
        if !schemas.is_empty() {
            let all: Map<String, Json> = schemas.iter().map(|(name, s)| ((*name).to_owned(), schema(s))).collect();
            out.insert(key.into(), all.into());
        }
    }
    out.into()
}

/// One schema.
pub fn schema(schema: &Schema) -> Json {
    let mut inside = block(&schema.block);
    describe(&mut inside, schema.doc);
    json!({ "version": schema.version, "block": inside })
}

fn block(block: &Block) -> Map<String, Json> {
    let mut out = Map::new();
    if !block.attributes.is_empty() {
        out.insert("attributes".into(), attributes(&block.attributes).into());
    }
    if !block.blocks.is_empty() {
        let nested: Map<String, Json> = block.blocks.iter().map(|(n, b)| (n.to_string(), nested_block(b))).collect();
        out.insert("block_types".into(), nested.into());
    }
    out.insert("description_kind".into(), "plain".into());
    out
}

fn attributes<'a>(all: impl IntoIterator<Item = (&'a Arc<str>, &'a Attribute)>) -> Map<String, Json> {
    all.into_iter().map(|(name, a)| (name.to_string(), attribute(a))).collect()
}

fn attribute(attribute: &Attribute) -> Json {
    let mut out = Map::new();
    match &attribute.nested {
        Some(nested) => out.insert("nested_type".into(), nested_attribute(nested)),
        None => out.insert("type".into(), type_to_json(&attribute.ty)),
    };
    describe(&mut out, attribute.doc);
    out.insert("description_kind".into(), "plain".into());
    for (key, flag) in [
        ("required", attribute.required),
        ("optional", attribute.optional),
        ("computed", attribute.computed),
        ("sensitive", attribute.sensitive),
        ("deprecated", attribute.deprecated.is_some()),
        ("write_only", attribute.write_only),
    ] {
        if flag {
            out.insert(key.into(), true.into());
        }
    }
    out.into()
}

fn nested_attribute(nested: &NestedAttribute) -> Json {
    json!({ "attributes": attributes(&nested.attributes), "nesting_mode": nesting_mode(nested.nesting) })
}

fn nested_block(nested: &NestedBlock) -> Json {
    let mut inside = block(&nested.block);
    if nested.deprecated.is_some() {
        inside.insert("deprecated".into(), true.into());
    }
    let mut out = Map::new();
    out.insert("nesting_mode".into(), nesting_mode(nested.nesting).into());
    out.insert("block".into(), inside.into());
    if nested.min > 0 {
        out.insert("min_items".into(), nested.min.into());
    }
    if let Some(max) = nested.max {
        out.insert("max_items".into(), max.into());
    }
    out.into()
}

fn nesting_mode(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "single",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
        Nesting::Group => "group",
    }
}

fn describe(out: &mut Map<String, Json>, doc: &str) {
    if !doc.is_empty() {
        out.insert("description".into(), doc.into());
    }
}

#[cfg(test)]
mod tests;

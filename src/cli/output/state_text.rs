//! The state as text: one object, or all of them.

use super::color::Paint;
use super::plan::draw::{Pen, put};
use super::plan::{block, difference, word};
use super::schemas::SchemaBook;
use crate::engine::{StateObject, StateView};
use levee_model::{InstanceAddr, Path};

/// All objects and outputs.
pub(crate) fn page(state: &StateView, schemas: &SchemaBook, paint: Paint) -> String {
    if state.objects.is_empty() && state.outputs.is_empty() {
        return "The state is empty. No resources are represented in it.\n".into();
    }
    let objects: Vec<String> = state.objects.iter().map(|o| object(o, schemas, paint)).collect();
    let mut out = objects.join("\n");
    if !state.outputs.is_empty() {
        let gap = if objects.is_empty() { "" } else { "\n" };
        out.push_str(&format!("{gap}\nOutputs:\n\n"));
        for (name, value) in &state.outputs {
            let node = difference::compare(Some(value), Some(value), &Path::root(), &[]);
            put(&mut out, format_args!("{name} = "));
            Pen::objects(paint).value(&mut out, &node, 0, false);
            out.push('\n');
        }
    }
    out
}

/// One object: a comment with its address, and its block.
pub(crate) fn object(object: &StateObject, schemas: &SchemaBook, paint: Paint) -> String {
    let entry = schemas.get(&object.addr);
    let schema = entry.as_ref().map(|e| &e.schema.block);
    let node = block::compare_block(Some(&object.value), Some(&object.value), schema, &Path::root(), &[]);
    let mut notes = String::new();
    if let Some(key) = &object.deposed {
        notes.push_str(&format!(" (deposed object {key})"));
    }
    if object.tainted {
        notes.push_str(" (tainted)");
    }
    let InstanceAddr { mode, type_name, name, .. } = &object.addr;
    let mut out = format!("{}\n", paint.bold(format!("# {}:{notes}", object.addr)));
    put(&mut out, format_args!("{} \"{type_name}\" \"{name}\" ", word(*mode)));
    Pen::objects(paint).value(&mut out, &node, 0, false);
    out.push('\n');
    out
}

//! Which of the store's texts are hidden: the objects, images and outputs in which something is sensitive, each whole. The
//! rest of the crate passes them on as they are.

use crate::cipher::{DataKey, is_hidden};
use crate::error::StateError;
use crate::journal::{Intent, JournalEntry};
use crate::rows::{Image, ObjectRow, OutputRow, StateEdit};
use crate::snapshot::Snapshot;

/// Hides what is written, with a key; and shows what is read. Without one, why there is none, as far as that is known.
#[derive(Clone, Debug)]
pub(crate) struct Hiding(Result<DataKey, StateError>);

/// Whether a list of sensitive paths, a JSON array, names any.
fn names_any(paths: &str) -> bool {
    !paths.is_empty() && paths != "[]"
}

impl From<Result<DataKey, StateError>> for Hiding {
    fn from(key: Result<DataKey, StateError>) -> Self {
        Self(key)
    }
}

impl Hiding {
    /// Hides a text that is sensitive.
    pub(crate) fn hide(&self, text: &mut String) {
        if let Ok(key) = &self.0 {
            *text = key.hide(text);
        }
    }

    fn hide_image(&self, image: Option<&mut Image>) {
        if let Some(image) = image.filter(|image| names_any(&image.sensitive_paths)) {
            self.hide(&mut image.values);
        }
    }

    pub(crate) fn hide_intent(&self, intent: &mut Intent) {
        self.hide_image(intent.prior.as_mut());
        self.hide_image(intent.planned.as_mut());
    }

    pub(crate) fn hide_row(&self, row: &mut ObjectRow) {
        if names_any(&row.sensitive_paths) {
            self.hide(&mut row.values);
        }
    }

    pub(crate) fn hide_edits(&self, edits: &mut [StateEdit]) {
        for edit in edits {
            if let StateEdit::Put(row) = edit {
                self.hide_row(row);
            }
        }
    }

    pub(crate) fn hide_output(&self, row: &mut OutputRow) {
        if row.sensitive {
            self.hide(&mut row.value);
        }
    }

    fn show(&self, text: &mut String) -> Result<(), StateError> {
        if is_hidden(&*text) {
            *text = self.0.as_ref().map_err(Clone::clone)?.show(text)?;
        }
        Ok(())
    }

    pub(crate) fn show_row(&self, row: &mut ObjectRow) -> Result<(), StateError> {
        self.show(&mut row.values)
    }

    pub(crate) fn show_snapshot(&self, snapshot: &mut Snapshot) -> Result<(), StateError> {
        snapshot.objects.iter_mut().try_for_each(|row| self.show_row(row))?;
        snapshot.outputs.values_mut().try_for_each(|row| self.show(&mut row.value))
    }

    pub(crate) fn show_entry(&self, entry: &mut JournalEntry) -> Result<(), StateError> {
        let images = entry.intent.prior.iter_mut().chain(&mut entry.intent.planned).map(|image| &mut image.values);
        let partial = entry.checkpoint.iter_mut().filter_map(|checkpoint| checkpoint.partial.as_mut());
        images.chain(partial).try_for_each(|text| self.show(text))
    }
}

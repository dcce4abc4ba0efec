//! The local provider.

mod command_data;
mod contents;
mod file;
mod file_data;
mod path;
mod sensitive_file;
mod sensitive_file_data;

use crate::offline::Offline;

/// `hashicorp/local`
pub(crate) fn provider() -> Offline {
    Offline::new("local", "hashicorp/local", "2.6.1")
        .resource::<file::LocalFile>()
        .resource::<sensitive_file::LocalSensitiveFile>()
        .data_source::<command_data::CommandData>()
        .data_source::<file_data::FileData>()
        .data_source::<sensitive_file_data::SensitiveFileData>()
}

//! Which process this is, and whether another one still lives. A process id alone says little, since ids are used again:
//! the time the process started tells two of them apart, and the boot tells which kernel counts them.

use std::path::Path;

/// Ticks after boot at which a process started; none if it is not there or the system does not tell.
pub(crate) fn start_of(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name stands in parentheses and may hold anything; the 20th field after it is the start.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// Whether the process that had `pid` and started at `start` is still there; none if this system cannot tell.
pub(crate) fn is_alive(pid: u32, start: Option<u64>) -> Option<bool> {
    let tells = Path::new("/proc/self/stat").exists();
    let start = start?;
    tells.then(|| start_of(pid) == Some(start))
}

/// Names this boot of this machine, where the system does.
pub(crate) fn boot() -> Option<String> {
    read_line("/proc/sys/kernel/random/boot_id")
}

/// This machine's name.
pub(crate) fn host() -> String {
    read_line("/proc/sys/kernel/hostname").or_else(|| read_line("/etc/hostname")).unwrap_or_else(|| "localhost".to_owned())
}

/// The user's name, to be shown to others.
pub(crate) fn user() -> String {
    ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_else(|| "unknown".to_owned())
}

fn read_line(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_is_told_from_another_with_its_id() {
        let me = std::process::id();
        let start = start_of(me).expect("this process has a start");
        assert_eq!(is_alive(me, Some(start)), Some(true));
        assert_eq!(is_alive(me, Some(start + 1)), Some(false));
        assert_eq!(is_alive(me, None), None);
        assert_eq!(start_of(u32::MAX), None);
    }
}

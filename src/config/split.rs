//! Cuts a file into its top-level blocks and arguments without parsing them.
//!
//! Each piece is parsed on its own: a mistake in one leaves the others readable, so that several are reported at once,
//! and the parser's own tree never holds more than one block of a large file.

use std::ops::Range;

/// The pieces of `text`, in order. Comments and blank lines between them are left out.
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    let mut pieces = Vec::new();
    loop {
        scanner.skip_blank();
        if scanner.at >= scanner.bytes.len() {
            return pieces;
        }
        let start = scanner.at;
        scanner.skip_piece();
        pieces.push(start..scanner.at);
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Skips white space and comments.
    fn skip_blank(&mut self) {
        while let Some(b) = self.peek(0) {
            match b {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                _ if self.skip_comment() => {}
                _ => return,
            }
        }
    }

    /// Skips a comment that begins here; a line comment's newline stays.
    fn skip_comment(&mut self) -> bool {
        match (self.peek(0), self.peek(1)) {
            (Some(b'#'), _) | (Some(b'/'), Some(b'/')) => self.skip_line(),
            (Some(b'/'), Some(b'*')) => {
                let rest = &self.bytes[self.at..];
                self.at += find(rest, b"*/").map_or(rest.len(), |i| i + 2);
            }
            _ => return false,
        }
        true
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|b| b != b'\n') {
            self.at += 1;
        }
    }

    /// Skips up to the newline that ends a block or argument.
    fn skip_piece(&mut self) {
        let mut depth = 0_usize;
        while let Some(b) = self.peek(0) {
            match b {
                b'\n' if depth == 0 => return,
                b'{' | b'[' | b'(' => depth += 1,
                b'}' | b']' | b')' => depth = depth.saturating_sub(1),
                b'"' => {
                    self.skip_string();
                    continue;
                }
                b'<' if self.peek(1) == Some(b'<') => {
                    self.skip_heredoc();
                    continue;
                }
                _ if self.skip_comment() => continue,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Skips a quoted string with the templates in it; one that is not closed ends with its line.
    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(b) = self.peek(0) {
            match b {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\n' => return,
                b'\\' => self.at += 2,
                b'$' | b'%' if self.peek(1) == Some(b) && self.peek(2) == Some(b'{') => self.at += 3,
                b'$' | b'%' if self.peek(1) == Some(b'{') => self.skip_template(),
                _ => self.at += 1,
            }
        }
    }

    /// Skips `${...}`.
    fn skip_template(&mut self) {
        self.at += 2;
        let mut depth = 1_usize;
        while let Some(b) = self.peek(0) {
            match b {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b'"' => {
                    self.skip_string();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Skips a heredoc up to its closing word; where none begins here, just the `<<`.
    fn skip_heredoc(&mut self) {
        self.at += 2;
        if self.peek(0) == Some(b'-') {
            self.at += 1;
        }
        let start = self.at;
        while self.peek(0).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b >= 0x80) {
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        if word.is_empty() || !matches!(self.peek(0), Some(b'\n' | b'\r')) {
            return;
        }
        let (mut line, mut end) = (self.at, self.bytes.len());
        while let Some(i) = find(&self.bytes[line..], b"\n") {
            line += i + 1;
            let rest = &self.bytes[line..];
            let text = &rest[..find(rest, b"\n").unwrap_or(rest.len())];
            if text.trim_ascii() == word {
                end = line + text.trim_ascii_end().len();
                break;
            }
        }
        self.at = end;
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn pieces_end_where_blocks_end() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("# only\n/* comments */\n", &[]),
            ("a {\n b = 1\n}\nc {}\n", &["a {\n b = 1\n}", "c {}"]),
            ("a {\n b = \"}${ \"}\" }\"\n}\nc {}", &["a {\n b = \"}${ \"}\" }\"\n}", "c {}"]),
            ("a {\n b = <<-EOT\n}\n  EOT\n}\nc = 1", &["a {\n b = <<-EOT\n}\n  EOT\n}", "c = 1"]),
            ("a {\n # }\n // }\n /* } */\n}\nb {}", &["a {\n # }\n // }\n /* } */\n}", "b {}"]),
            ("a = \"$${\"\nb = \"%%{\"\nc = \"\\\"\"\n", &["a = \"$${\"", "b = \"%%{\"", "c = \"\\\"\""]),
            ("a = 1 << 2\nb = 3", &["a = 1 << 2", "b = 3"]),
        ];
        for (text, pieces) in cases {
            let found: Vec<&str> = split(text).into_iter().map(|r| &text[r]).collect();
            assert_eq!(found, *pieces, "{text}");
        }
    }
}

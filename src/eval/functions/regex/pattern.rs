//! Reads a regular expression as RE2 does, which is what Terraform's are, and finds the mistakes in it.
//!
//! The syntax of the regex engine's own parser is close, but takes more in some places and less in others; so that parser is
//! left out, and what it would make, the engine's tree, is made here.

use super::class::{self, Chars, WRONG_RANGE};
use regex_syntax::hir::{Capture, Class, Dot, Hir, Look, Repetition};

/// An expression that has been read.
#[derive(Debug)]
pub(super) struct Pattern {
    /// What to match.
    pub(super) tree: Hir,
    /// The groups' names, in order; two groups may have the same one.
    pub(super) names: Vec<Option<String>>,
    /// How deep it nests.
    pub(super) height: u32,
}

/// What is wrong with an expression, and where.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) what: &'static str,
    pub(super) part: String,
}

pub(super) fn mistake<T>(what: &'static str, part: &str) -> Result<T, Mistake> {
    Err(Mistake { what, part: part.into() })
}

/// What the letters of `(?imsU)` switch.
#[derive(Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    multi_line: bool,
    dot_takes_newline: bool,
    lazy: bool,
}

/// A part of an expression, and what limits are kept by.
struct Part {
    tree: Hir,
    /// How many copies of what is innermost its repetitions make.
    copies: u32,
    /// How many parts are nested.
    height: u32,
    /// How many steps it takes to match at most, counted as Terraform does.
    size: u64,
}

/// A group that is not closed yet; the outermost one is the whole expression.
struct Group {
    /// Its number, if it is captured.
    number: Option<u32>,
    /// What held before it began.
    outer: Flags,
    alternatives: Vec<Part>,
    sequence: Vec<Part>,
}

const MOST_COPIES: u32 = 1000;
const DEEPEST: u32 = 1000;
const LONGEST: u64 = (128 << 20) / 40;

struct Parser<'p> {
    whole: &'p str,
    flags: Flags,
    names: Vec<Option<String>>,
    /// Those that are open, apart from the innermost.
    outer: Vec<Group>,
    innermost: Group,
}

/// Reads an expression.
pub(super) fn parse(whole: &str) -> Result<Pattern, Mistake> {
    let flags = Flags::default();
    let mut parser = Parser { whole, flags, names: Vec::new(), outer: Vec::new(), innermost: Group::new(None, flags) };
    let mut rest = whole;
    // Where the operator begins that was read last: nothing may repeat a repetition directly.
    let mut repetition: Option<&str> = None;
    while !rest.is_empty() {
        let before = rest;
        let operator = operator(rest)?;
        rest = match &operator {
            Some(operator) => {
                let after = &rest[operator.length..];
                if let Some(first) = repetition {
                    return mistake("invalid nested repetition operator", &first[..first.len() - after.len()]);
                }
                parser.repeat(operator, &rest[..operator.length])?;
                after
            }
            None => parser.next(rest)?,
        };
        repetition = operator.map(|_| before);
    }
    parser.finish()
}

/// `*`, `+?`, `{2,3}`
struct Operator {
    min: u32,
    max: Option<u32>,
    /// Whether it has braces.
    counted: bool,
    lazy: bool,
    length: usize,
}

/// The repetition at the beginning of `rest`; none for a brace that means itself.
fn operator(rest: &str) -> Result<Option<Operator>, Mistake> {
    let (min, max, length) = match rest.as_bytes()[0] {
        b'*' => (0, None, 1),
        b'+' => (1, None, 1),
        b'?' => (0, Some(1), 1),
        b'{' => match count(rest) {
            Some(found) => found,
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let wrong = max.is_some_and(|max| max > MOST_COPIES || min > max);
    if min > MOST_COPIES || wrong {
        return mistake("invalid repeat count", &rest[..length]);
    }
    let lazy = rest[length..].starts_with('?');
    Ok(Some(Operator { min, max, counted: rest.starts_with('{'), lazy, length: length + usize::from(lazy) }))
}

/// `{2}`, `{2,}`, `{2,3}`, and its length. A number too big for anything counts as the biggest.
fn count(rest: &str) -> Option<(u32, Option<u32>, usize)> {
    let end = rest.find('}')?;
    let number = |s: &str| {
        let valid = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()) && (s.len() == 1 || !s.starts_with('0'));
        valid.then(|| s.parse().unwrap_or(u32::MAX))
    };
    let (min, max) = match rest[1..end].split_once(',') {
        None => (number(&rest[1..end])?, Some(number(&rest[1..end])?)),
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    Some((min, max, end + 1))
}

impl Group {
    fn new(number: Option<u32>, outer: Flags) -> Self {
        Self { number, outer, alternatives: Vec::new(), sequence: Vec::new() }
    }

    /// What has been read since the last `|` becomes one part.
    fn end_alternative(&mut self) {
        let sequence = std::mem::take(&mut self.sequence);
        self.alternatives.push(Part::of(sequence, Hir::concat));
    }
}

impl Part {
    fn leaf(tree: Hir) -> Self {
        Self { tree, copies: 1, height: 1, size: 1 }
    }

    fn of(mut parts: Vec<Self>, join: fn(Vec<Hir>) -> Hir) -> Self {
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let copies = parts.iter().map(|p| p.copies).max().unwrap_or(1);
        let height = parts.iter().map(|p| p.height).max().unwrap_or(0) + 1;
        let size = parts.iter().map(|p| p.size).sum::<u64>().max(1);
        Self { tree: join(parts.into_iter().map(|p| p.tree).collect()), copies, height, size }
    }
}

impl Parser<'_> {
    /// Reads what is no repetition, and answers what follows it.
    fn next<'r>(&mut self, rest: &'r str) -> Result<&'r str, Mistake> {
        let Some(c) = rest.chars().next() else { return Ok(rest) };
        let after = &rest[c.len_utf8()..];
        match c {
            '(' if after.starts_with('?') => return self.open_special(rest),
            '(' => self.open(Some(None)),
            '|' => self.innermost.end_alternative(),
            ')' => self.close()?,
            '^' => self.push(Hir::look(if self.flags.multi_line { Look::StartLF } else { Look::Start })),
            '$' => self.push(Hir::look(if self.flags.multi_line { Look::EndLF } else { Look::End })),
            '.' => self.push(Hir::dot(if self.flags.dot_takes_newline { Dot::AnyChar } else { Dot::AnyCharExceptLF })),
            '[' => return self.class(rest),
            '\\' => return self.escaped(rest),
            c => self.literal(c.into()),
        }
        Ok(after)
    }

    fn push(&mut self, tree: Hir) {
        self.innermost.sequence.push(Part::leaf(tree));
    }

    fn push_chars(&mut self, chars: Chars) {
        self.push(Hir::class(Class::Unicode(chars)));
    }

    /// One character, which is no character if it is a surrogate: then nothing matches.
    fn literal(&mut self, code: u32) {
        match char::from_u32(code) {
            Some(c) if !self.flags.ignore_case => self.push(Hir::literal(c.to_string().into_bytes())),
            Some(_) => self.push_chars(class::finished(class::range(code, code), true, false)),
            None => self.push(Hir::fail()),
        }
    }

    fn repeat(&mut self, operator: &Operator, text: &str) -> Result<(), Mistake> {
        let Some(part) = self.innermost.sequence.pop() else {
            return mistake("missing argument to repetition operator", text);
        };
        let times = u64::from(operator.max.unwrap_or(operator.min).max(1));
        let copies = match operator.max {
            Some(0) => 1,
            _ if operator.counted => u64::from(part.copies) * times,
            _ => part.copies.into(),
        };
        let most = operator.max.map_or(operator.min, |max| max.max(operator.min));
        if operator.counted && most >= 2 && copies > MOST_COPIES.into() {
            return mistake("invalid repeat count", text);
        }
        let repeated = Part {
            copies: copies.try_into().unwrap_or(u32::MAX),
            height: part.height + 1,
            size: part.size.saturating_mul(times).saturating_add(2),
            tree: Hir::repetition(Repetition {
                min: operator.min,
                max: operator.max,
                greedy: operator.lazy == self.flags.lazy,
                sub: Box::new(part.tree),
            }),
        };
        self.check_limits(&repeated)?;
        self.innermost.sequence.push(repeated);
        Ok(())
    }

    fn check_limits(&self, part: &Part) -> Result<(), Mistake> {
        if part.height > DEEPEST {
            return mistake("expression nests too deeply", self.whole);
        }
        if part.size > LONGEST { mistake("expression too large", self.whole) } else { Ok(()) }
    }

    /// Opens a group; one that is captured may have a name.
    fn open(&mut self, captured: Option<Option<String>>) {
        let number = captured.map(|name| {
            self.names.push(name);
            u32::try_from(self.names.len()).unwrap_or(u32::MAX)
        });
        let group = Group::new(number, self.flags);
        self.outer.push(std::mem::replace(&mut self.innermost, group));
    }

    fn close(&mut self) -> Result<(), Mistake> {
        let Some(outer) = self.outer.pop() else { return mistake("unexpected )", self.whole) };
        let mut group = std::mem::replace(&mut self.innermost, outer);
        group.end_alternative();
        self.flags = group.outer;
        let mut part = Part::of(group.alternatives, Hir::alternation);
        if let Some(index) = group.number {
            part.tree = Hir::capture(Capture { index, name: None, sub: Box::new(part.tree) });
            part.height += 1;
            part.size += 2;
        }
        self.check_limits(&part)?;
        self.innermost.sequence.push(part);
        Ok(())
    }

    fn finish(mut self) -> Result<Pattern, Mistake> {
        if !self.outer.is_empty() {
            return mistake("missing closing )", self.whole);
        }
        self.innermost.end_alternative();
        let part = Part::of(std::mem::take(&mut self.innermost.alternatives), Hir::alternation);
        self.check_limits(&part)?;
        Ok(Pattern { tree: part.tree, names: self.names, height: part.height })
    }

    /// `(?P<name>`, `(?<name>`, `(?i)`, `(?i-s:`
    fn open_special<'r>(&mut self, rest: &'r str) -> Result<&'r str, Mistake> {
        let named = rest.strip_prefix("(?P<").filter(|name| !name.is_empty()).or_else(|| rest.strip_prefix("(?<"));
        let Some(named) = named.filter(|name| !name.is_empty()) else { return self.switch(rest) };
        let Some((name, after)) = named.split_once('>') else { return mistake("invalid named capture", rest) };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return mistake("invalid named capture", &rest[..rest.len() - after.len()]);
        }
        self.open(Some(Some(name.to_owned())));
        Ok(after)
    }

    /// Flags for what follows, or for the group that they open.
    fn switch<'r>(&mut self, rest: &'r str) -> Result<&'r str, Mistake> {
        let mut flags = self.flags;
        let mut on = true;
        let mut any = false;
        let mut at = 2;
        while let Some(c) = rest[at..].chars().next() {
            at += c.len_utf8();
            let flag = match c {
                'i' => &mut flags.ignore_case,
                'm' => &mut flags.multi_line,
                's' => &mut flags.dot_takes_newline,
                'U' => &mut flags.lazy,
                '-' if on => {
                    on = false;
                    any = false;
                    continue;
                }
                ':' | ')' if on || any => {
                    if c == ':' {
                        self.open(None);
                    }
                    self.flags = flags;
                    return Ok(&rest[at..]);
                }
                _ => break,
            };
            *flag = on;
            any = true;
        }
        mistake("invalid or unsupported Perl syntax", &rest[..at])
    }

    /// What begins with a backslash, outside of a class.
    fn escaped<'r>(&mut self, rest: &'r str) -> Result<&'r str, Mistake> {
        let after = rest.get(2..).unwrap_or_default();
        match rest[1..].chars().next() {
            Some('A') => self.push(Hir::look(Look::Start)),
            Some('z') => self.push(Hir::look(Look::End)),
            Some('b') => self.push(Hir::look(Look::WordAscii)),
            Some('B') => self.push(Hir::look(Look::WordAsciiNegate)),
            Some('Q') => {
                let (literal, after) = after.split_once("\\E").unwrap_or((after, ""));
                literal.chars().for_each(|c| self.literal(c.into()));
                return Ok(after);
            }
            Some('p' | 'P') => {
                let (chars, negated, length) = class::of_unicode(rest)?;
                self.push_chars(class::finished(chars, self.flags.ignore_case, negated));
                return Ok(&rest[length..]);
            }
            Some(c) if let Some((chars, negated)) = class::of_perl(c) => {
                self.push_chars(class::finished(chars, self.flags.ignore_case, negated));
            }
            _ => {
                let (code, after) = character(rest)?;
                self.literal(code);
                return Ok(after);
            }
        }
        Ok(after)
    }

    /// A class in brackets.
    fn class<'r>(&mut self, whole: &'r str) -> Result<&'r str, Mistake> {
        let ignore_case = self.flags.ignore_case;
        let negated = whole.starts_with("[^");
        let mut rest = &whole[1 + usize::from(negated)..];
        let mut all = Chars::empty();
        let mut first = true;
        while first || !rest.starts_with(']') {
            first = false;
            let (members, after) = member(rest, ignore_case, whole)?;
            all.union(&members);
            rest = after;
        }
        self.push_chars(class::finished(all, false, negated));
        Ok(&rest[1..])
    }
}

/// One thing in a class, and what follows it.
fn member<'r>(rest: &'r str, ignore_case: bool, whole: &str) -> Result<(Chars, &'r str), Mistake> {
    if let Some(end) = rest.strip_prefix("[:").and_then(|inside| inside.find(":]")) {
        let (name, after) = (&rest[2..2 + end], &rest[4 + end..]);
        let (name, negated) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        return match class::of_posix(name) {
            Some(chars) => Ok((class::finished(chars, ignore_case, negated), after)),
            None => mistake(WRONG_RANGE, &rest[..4 + end]),
        };
    }
    if rest.starts_with("\\p") || rest.starts_with("\\P") {
        let (chars, negated, length) = class::of_unicode(rest)?;
        return Ok((class::finished(chars, ignore_case, negated), &rest[length..]));
    }
    if let Some(c) = rest.strip_prefix('\\').and_then(|after| after.chars().next())
        && let Some((chars, negated)) = class::of_perl(c)
    {
        return Ok((class::finished(chars, ignore_case, negated), &rest[2..]));
    }
    let (low, mut after) = class_character(rest, whole)?;
    let mut high = low;
    if let Some(end) = after.strip_prefix('-').filter(|end| !end.is_empty() && !end.starts_with(']')) {
        (high, after) = class_character(end, whole)?;
        if high < low {
            return mistake(WRONG_RANGE, &rest[..rest.len() - after.len()]);
        }
    }
    Ok((class::finished(class::range(low, high), ignore_case, false), after))
}

/// A character of a class, escaped or as it is.
fn class_character<'r>(rest: &'r str, whole: &str) -> Result<(u32, &'r str), Mistake> {
    match rest.chars().next() {
        None => mistake("missing closing ]", whole),
        Some('\\') => character(rest),
        Some(c) => Ok((c.into(), &rest[c.len_utf8()..])),
    }
}

/// The code of an escaped character, and what follows it.
fn character(rest: &str) -> Result<(u32, &str), Mistake> {
    let Some(c) = rest[1..].chars().next() else { return mistake("trailing backslash at end of expression", "") };
    let after = &rest[1 + c.len_utf8()..];
    let code = match c {
        // A digit alone would refer to a group, which is not supported.
        '0'..='7' if c == '0' || after.starts_with(|d: char| d.is_digit(8)) => {
            let digits = after.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let code = u32::from_str_radix(&rest[1..2 + digits], 8).unwrap_or(0);
            return Ok((code, &after[digits..]));
        }
        'x' => return hexadecimal(rest),
        'a' => 7,
        'f' => 0xc,
        'n' => 0xa,
        'r' => 0xd,
        't' => 9,
        'v' => 0xb,
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c.into(),
        _ => return mistake(WRONG_ESCAPE, &rest[..rest.len() - after.len()]),
    };
    Ok((code, after))
}

const WRONG_ESCAPE: &str = "invalid escape sequence";

/// `\xHH` or `\x{H...}`
fn hexadecimal(rest: &str) -> Result<(u32, &str), Mistake> {
    let inside = &rest[2..];
    let mut read = 0;
    let mut code = 0u32;
    let braces = inside.starts_with('{');
    let skipped = 2 + usize::from(braces);
    for (i, c) in rest[skipped..].char_indices() {
        let after = skipped + i + c.len_utf8();
        if braces && c == '}' && read > 0 {
            return Ok((code, &rest[after..]));
        }
        let digit = c.to_digit(16);
        code = code * 16 + digit.unwrap_or(0);
        read += 1;
        // Two digits without braces are read before they are looked at.
        let valid = digit.is_some() && code <= 0x10_ffff;
        if braces && !valid || !braces && read == 2 {
            let first_valid = braces || inside.starts_with(|c: char| c.is_ascii_hexdigit());
            return if valid && first_valid { Ok((code, &rest[after..])) } else { mistake(WRONG_ESCAPE, &rest[..after]) };
        }
    }
    mistake(WRONG_ESCAPE, rest)
}

//! Functions of time. Timestamps are RFC 3339, in the proleptic Gregorian calendar, without leap seconds.

use super::{Answer, Context, Function, FunctionError, Param, a_number, a_string, string, text};
use levee_model::text::quote;
use levee_model::{Type, Value};
use std::cmp::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("formatdate", &[Param::string("format"), Param::string("time")], a_string, formatdate),
    Function::new("plantimestamp", &[], a_string, |ctx, _| {
        Ok(ctx.plan_timestamp.as_deref().map_or_else(|| Value::unknown(Type::String), string))
    }),
    Function::new("timeadd", &[Param::string("timestamp"), Param::string("duration")], a_string, timeadd).maybe_null(),
    Function::new("timecmp", &[Param::string("timestamp_a"), Param::string("timestamp_b")], a_number, timecmp).maybe_null(),
    Function::new("timestamp", &[], a_string, |_, _| Ok(string(&now()))).fickle(),
];

const NANOS: i128 = 1_000_000_000;
const DAY: i128 = 86_400;

/// A moment and the offset it is shown in.
#[derive(Clone, Copy)]
struct Timestamp {
    /// Nanoseconds since 1970 in UTC.
    nanos: i128,
    /// Minutes east of UTC.
    offset: i32,
}

/// The parts of a moment as a calendar and a clock at its offset show them.
struct Fields {
    year: i128,
    month: u8,
    day: u8,
    /// From Sunday.
    weekday: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

/// The time now, as an RFC 3339 timestamp in UTC.
/// The time now, as RFC 3339 in UTC, to the second.
pub fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp { nanos: i128::from(since.as_secs()) * NANOS, offset: 0 }.text()
}

/// Days since 1970 of a date. Years begin in March here, so that the leap day comes last.
fn days_of(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn small(n: i128) -> u8 {
    u8::try_from(n).unwrap_or_default()
}

impl Timestamp {
    fn fields(self) -> Fields {
        let local = self.nanos.div_euclid(NANOS) + i128::from(self.offset) * 60;
        let (days, clock) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let shifted = days + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Fields {
            year: era * 400 + year + i128::from(month <= 2),
            month: small(month),
            day: small(day),
            weekday: small((days + 4).rem_euclid(7)),
            hour: small(clock / 3600),
            minute: small(clock / 60 % 60),
            second: small(clock % 60),
        }
    }

    fn offset_text(self, colon: &str) -> String {
        let size = self.offset.abs();
        format!("{}{:02}{colon}{:02}", if self.offset < 0 { '-' } else { '+' }, size / 60, size % 60)
    }

    fn text(self) -> String {
        let f = self.fields();
        let zone = if self.offset == 0 { "Z".into() } else { self.offset_text(":") };
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{zone}", f.year, f.month, f.day, f.hour, f.minute, f.second)
    }
}

/// What is left of a timestamp to read.
struct Reader<'s>(&'s str);

impl Reader<'_> {
    fn number(&mut self, len: usize, what: &str, range: std::ops::RangeInclusive<i128>) -> Result<i128, String> {
        if self.0.is_empty() {
            return Err(format!("end of string before {what}"));
        }
        let digits = self.0.bytes().take(len).take_while(u8::is_ascii_digit).count();
        if digits < len {
            return Err(match what {
                "hour" if digits == 1 => "hour must have exactly two digits".into(),
                "minute" if digits == 1 => "minute must have exactly two digits".into(),
                _ => format!("cannot use {} as {what}", quote(self.0)),
            });
        }
        let (head, rest) = self.0.split_at(len);
        self.0 = rest;
        let n = head.parse().map_err(|_| format!("cannot use {} as {what}", quote(head)))?;
        if range.contains(&n) {
            return Ok(n);
        }
        Err(match what {
            "hour" if rest.contains(':') => "hour must be between 0 and 23 inclusive".into(),
            _ => format!("cannot use {} as {what}", quote(rest)),
        })
    }

    fn literal(&mut self, c: char) -> Result<(), String> {
        match self.0.strip_prefix(c) {
            Some(rest) => {
                self.0 = rest;
                Ok(())
            }
            None if c == 'T' => Err("missing required time introducer 'T'".into()),
            None if self.0.is_empty() => Err(format!("end of string where \"{c}\" is expected")),
            None => Err(format!("found {} where \"{c}\" is expected", quote(self.0))),
        }
    }

    /// Nanoseconds of a fraction, if there is one.
    fn fraction(&mut self) -> i128 {
        let Some(rest) = self.0.strip_prefix(['.', ',']) else { return 0 };
        let len = rest.bytes().take_while(u8::is_ascii_digit).count();
        if len == 0 {
            return 0;
        }
        self.0 = &rest[len..];
        format!("{:0<9}", &rest[..len.min(9)]).parse().unwrap_or(0)
    }

    fn offset(&mut self) -> Result<i32, String> {
        if self.0.is_empty() {
            return Err("end of string before UTC offset".into());
        }
        if let Some(rest) = self.0.strip_prefix('Z') {
            self.0 = rest;
            return Ok(0);
        }
        let whole = self.0;
        let wrong = || format!("cannot use {} as UTC offset", quote(whole));
        let b = whole.as_bytes();
        let sign = match b[0] {
            b'+' => 1,
            b'-' => -1,
            _ => return Err(wrong()),
        };
        if b.len() < 6 || b[3] != b':' || ![1, 2, 4, 5].iter().all(|&i| b[i].is_ascii_digit()) {
            return Err(wrong());
        }
        let (hours, minutes): (i32, i32) = (whole[1..3].parse().map_err(|_| wrong())?, whole[4..6].parse().map_err(|_| wrong())?);
        if hours > 24 || minutes > 60 {
            return Err(wrong());
        }
        self.0 = &whole[6..];
        Ok(sign * (hours * 60 + minutes))
    }
}

fn parse(s: &str) -> Result<Timestamp, String> {
    let read = || -> Result<Timestamp, String> {
        let mut r = Reader(s);
        let year = r.number(4, "year", 0..=9999)?;
        r.literal('-')?;
        let month = r.number(2, "month", 1..=12)?;
        r.literal('-')?;
        let day = r.number(2, "day of month", 0..=99)?;
        r.literal('T')?;
        let hour = r.number(2, "hour", 0..=23)?;
        r.literal(':')?;
        let minute = r.number(2, "minute", 0..=59)?;
        r.literal(':')?;
        let second = r.number(2, "second", 0..=59)?;
        let fraction = r.fraction();
        let offset = r.offset()?;
        if !r.0.is_empty() {
            return Err(format!("extra text: {}", quote(r.0)));
        }
        let next_month = if month == 12 { days_of(year + 1, 1, 1) } else { days_of(year, month + 1, 1) };
        let days = days_of(year, month, day);
        if day < 1 || days >= next_month {
            return Err("day out of range".into());
        }
        let seconds = days * DAY + hour * 3600 + minute * 60 + second - i128::from(offset) * 60;
        Ok(Timestamp { nanos: seconds * NANOS + fraction, offset })
    };
    read().map_err(|what| format!("not a valid RFC3339 timestamp: {what}"))
}

fn timecmp(_: &Context<'_>, args: &[Value]) -> Answer {
    let at = |i: usize| parse(text(args, i)?).map_err(|e| FunctionError::arg(i, e));
    Ok(Value::number(match at(0)?.nanos.cmp(&at(1)?.nanos) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn timeadd(_: &Context<'_>, args: &[Value]) -> Answer {
    let mut t = parse(text(args, 0)?).map_err(FunctionError::new)?;
    t.nanos += levee_model::duration::parse_nanoseconds(text(args, 1)?).map_err(FunctionError::new)?;
    Ok(string(&t.text()))
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

fn formatdate(_: &Context<'_>, args: &[Value]) -> Answer {
    let t = parse(text(args, 1)?).map_err(|e| FunctionError::arg(1, e))?;
    let mut out = String::new();
    let mut rest = text(args, 0)?;
    while let Some(first) = rest.chars().next() {
        let len = if first == '\'' {
            let (literal, len) = quoted(rest).ok_or_else(|| FunctionError::arg(0, "unterminated literal '"))?;
            out.push_str(&literal);
            len
        } else if first.is_ascii_alphabetic() {
            let len = rest.len() - rest.trim_start_matches(first).len();
            out.push_str(&verb(&rest[..len], t).map_err(|e| FunctionError::arg(0, e))?);
            len
        } else {
            let len = rest.find(|c: char| c == '\'' || c.is_ascii_alphabetic()).unwrap_or(rest.len());
            out.push_str(&rest[..len]);
            len
        };
        rest = &rest[len..];
    }
    Ok(string(&out))
}

/// The text between single quotes, where two of them stand for one, and the length with the quotes.
fn quoted(s: &str) -> Option<(String, usize)> {
    if s.starts_with("''") {
        return Some(("'".into(), 2));
    }
    let mut at = 1;
    loop {
        at += s[at..].find('\'')?;
        if !s[at + 1..].starts_with('\'') {
            return Some((s[1..at].replace("''", "'"), at + 1));
        }
        at += 2;
    }
}

fn verb(token: &str, t: Timestamp) -> Result<String, String> {
    let f = t.fields();
    let name = |names: &[&str], i: u8| names[usize::from(i)].to_string();
    let short = |names: &[&str], i: u8| names[usize::from(i)][..3].to_string();
    let twelve = if f.hour.is_multiple_of(12) { 12 } else { f.hour % 12 };
    Ok(match token {
        "YY" => format!("{:02}", f.year % 100),
        "YYYY" => format!("{:04}", f.year),
        "M" => f.month.to_string(),
        "MM" => format!("{:02}", f.month),
        "MMM" => short(&MONTHS, f.month - 1),
        "MMMM" => name(&MONTHS, f.month - 1),
        "D" => f.day.to_string(),
        "DD" => format!("{:02}", f.day),
        "EEE" => short(&WEEKDAYS, f.weekday),
        "EEEE" => name(&WEEKDAYS, f.weekday),
        "h" => f.hour.to_string(),
        "hh" => format!("{:02}", f.hour),
        "H" => twelve.to_string(),
        "HH" => format!("{twelve:02}"),
        "AA" => if f.hour < 12 { "AM" } else { "PM" }.into(),
        "aa" => if f.hour < 12 { "am" } else { "pm" }.into(),
        "m" => f.minute.to_string(),
        "mm" => format!("{:02}", f.minute),
        "s" => f.second.to_string(),
        "ss" => format!("{:02}", f.second),
        "Z" if t.offset == 0 => "Z".into(),
        "ZZZ" if t.offset == 0 => "UTC".into(),
        "ZZZ" | "ZZZZ" => t.offset_text(""),
        "Z" | "ZZZZZ" => t.offset_text(":"),
        _ => return Err(invalid_verb(token)),
    })
}

fn invalid_verb(token: &str) -> String {
    let why = match token.as_bytes()[0] {
        b'Y' => ": year must either be \"YY\" or \"YYYY\"",
        b'M' => ": month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"",
        b'D' => ": day of month must either be \"D\" or \"DD\"",
        b'E' => ": day of week must either be \"EEE\" or \"EEEE\"",
        b'h' => ": 24-hour must either be \"h\" or \"hh\"",
        b'H' => ": 12-hour must either be \"H\" or \"HH\"",
        b'A' => ": must be \"AA\"",
        b'a' => ": must be \"aa\"",
        b'm' => ": minute must either be \"m\" or \"mm\"",
        b's' => ": second must either be \"s\" or \"ss\"",
        b'Z' => ": timezone must be Z, ZZZZ, or ZZZZZ",
        _ => "",
    };
    format!("invalid date format verb {}{why}", quote(token))
}

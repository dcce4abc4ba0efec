//! Arguments that come from the environment: they stand before those of the command line, right after the command.

use super::args::is_family;
use std::ffi::OsString;

/// The command line with what the environment adds. `of` yields variables and their texts for the command of a name.
///
/// # Errors
/// A text has a quote that is not closed; says of which variable.
pub(crate) fn with_extra<T: Iterator<Item = (String, String)>>(
    argv: Vec<OsString>,
    of: impl FnOnce(&str) -> T,
) -> Result<Vec<OsString>, String> {
    let is_word = |a: &OsString| !a.to_string_lossy().starts_with('-');
    let Some(first) = argv.iter().skip(1).position(is_word).map(|i| i + 1) else { return Ok(argv) };
    let mut name = argv[first].to_string_lossy().into_owned();
    let mut after = first + 1;
    if let Some(second) = argv.get(after).filter(|a| is_family(&name) && is_word(a)) {
        name = format!("{name} {}", second.to_string_lossy());
        after += 1;
    }
    let mut out = argv[..after].to_vec();
    for (variable, text) in of(&name) {
        let words = words(&text).ok_or_else(|| format!("Error parsing extra CLI args from {variable}: a quote is not closed"))?;
        out.extend(words.into_iter().map(OsString::from));
    }
    out.extend_from_slice(&argv[after..]);
    Ok(out)
}

/// Words as a shell splits them: quotes keep spaces, a backslash takes the next character as it is. None if a quote is open.
fn words(text: &str) -> Option<Vec<String>> {
    let (mut out, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(chars.next()),
            (c, None) if c.is_whitespace() => out.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word);
    quote.is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(argv: &[&str], extra: &str) -> Result<Vec<String>, String> {
        let of = |name: &str| [("X".to_owned(), format!("{extra} {}", name.replace(' ', "_")))].into_iter();
        let found = with_extra(argv.iter().map(OsString::from).collect(), of)?;
        Ok(found.into_iter().map(|a| a.into_string().expect("text")).collect())
    }

    #[test]
    fn they_stand_right_after_the_command() {
        let plan = line(&["levee", "-chdir=x", "plan", "-out=p"], "-var 'a=b c' -no-color").expect("closed quotes");
        assert_eq!(plan, ["levee", "-chdir=x", "plan", "-var", "a=b c", "-no-color", "plan", "-out=p"]);
        assert_eq!(
            line(&["levee", "state", "list"], "-state=x\\ y").expect("words"),
            ["levee", "state", "list", "-state=x y", "state_list"]
        );
        assert!(line(&["levee", "plan"], "'a").is_err_and(|why| why.contains("from X")));
    }
}

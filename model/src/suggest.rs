//! Did you mean?

/// The name among `known` that is closest to `name`, when one is close enough to be meant.
pub fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const FURTHEST: usize = 2;
    let distances = known.into_iter().map(|k| (distance(name, k), k));
    distances.filter(|(d, _)| *d <= FURTHEST).min_by_key(|(d, _)| *d).map(|(_, k)| k)
}

/// How many characters must be changed, added or taken away to get from one to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn only_close_names_are_suggested() {
        assert_eq!(suggest("instnce_type", ["instance_type", "ami"]), Some("instance_type"));
        assert_eq!(suggest("tag", ["tags", "tag_all"]), Some("tags"));
        assert_eq!(suggest("zone", ["availability_zone", "region"]), None);
    }
}

//! How one sequence becomes another: which elements stay, and what happens between them.

use std::collections::VecDeque;

/// One step on the way from `before` to `after`; numbers are positions in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// The element stays.
    Keep(usize, usize),
    /// The element becomes another.
    Change(usize, usize),
    /// The element goes.
    Remove(usize),
    /// The element is new.
    Insert(usize),
}

/// Above this many comparisons the middle is taken for wholly different: the cost grows with the square.
const COMPARISONS: usize = 4_000_000;

/// The shortest way from one sequence to the other. `alike` says which elements are rather changed than exchanged.
pub(crate) fn edits<T: PartialEq>(before: &[T], after: &[T], alike: impl Fn(&T, &T) -> bool) -> Vec<Edit> {
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let tail = before[head..].iter().rev().zip(after[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (b_end, a_end) = (before.len() - tail, after.len() - tail);
    let mut out: Vec<Edit> = (0..head).map(|i| Edit::Keep(i, i)).collect();
    let (mut b, mut a) = (head, head);
    let kept = common(&before[head..b_end], &after[head..a_end]);
    for (keep_b, keep_a) in kept.into_iter().map(|(x, y)| (x + head, y + head)).chain([(b_end, a_end)]) {
        gap(before, after, b..keep_b, a..keep_a, &alike, &mut out);
        if keep_b < b_end {
            out.push(Edit::Keep(keep_b, keep_a));
        }
        (b, a) = (keep_b + 1, keep_a + 1);
    }
    out.extend((0..tail).map(|i| Edit::Keep(b_end + i, a_end + i)));
    out
}

/// Between two kept elements: pairs of like elements change, the rest goes and comes.
fn gap<T>(
    before: &[T],
    after: &[T],
    removed: std::ops::Range<usize>,
    added: std::ops::Range<usize>,
    alike: &impl Fn(&T, &T) -> bool,
    out: &mut Vec<Edit>,
) {
    let mut added: VecDeque<usize> = added.collect();
    for b in removed {
        match added.front() {
            Some(&a) if alike(&before[b], &after[a]) => {
                added.pop_front();
                out.push(Edit::Change(b, a));
            }
            _ => out.push(Edit::Remove(b)),
        }
    }
    out.extend(added.into_iter().map(Edit::Insert));
}

/// Positions of a longest common subsequence.
fn common<T: PartialEq>(before: &[T], after: &[T]) -> Vec<(usize, usize)> {
    let (rows, columns) = (before.len(), after.len());
    if rows == 0 || columns == 0 || rows.saturating_mul(columns) > COMPARISONS {
        return Vec::new();
    }
    // lengths[i][j]: of the longest common subsequence of before[i..] and after[j..].
    let mut lengths = vec![vec![0_u32; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            lengths[i][j] = if before[i] == after[j] { lengths[i + 1][j + 1] + 1 } else { lengths[i + 1][j].max(lengths[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < rows && j < columns {
        if before[i] == after[j] {
            out.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, expected: &str) {
        let (b, a): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
        let alike = |x: &char, y: &char| x.is_ascii_digit() && y.is_ascii_digit();
        let text: String = edits(&b, &a, alike)
            .into_iter()
            .map(|e| match e {
                Edit::Keep(i, j) => {
                    assert_eq!(b[i], a[j]);
                    format!("{}", b[i])
                }
                Edit::Change(i, j) => format!("[{}>{}]", b[i], a[j]),
                Edit::Remove(i) => format!("-{}", b[i]),
                Edit::Insert(j) => format!("+{}", a[j]),
            })
            .collect();
        assert_eq!(text, expected);
    }

    #[test]
    fn what_stays_stays() {
        check("abcde", "abxdef", "ab-c+xde+f");
        check("", "ab", "+a+b");
        check("ab", "", "-a-b");
        check("abc", "abc", "abc");
        check("a1b", "a2b", "a[1>2]b");
        check("12", "3", "[1>3]-2");
        check("xax", "ax", "-xax");
    }
}

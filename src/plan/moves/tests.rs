use super::pattern::Pattern;
use levee_model::{ModulePath, Target};
use std::sync::Arc;

fn target(text: &str) -> Target {
    text.parse().expect(text)
}

fn destination(home: &[&str], from: &str, to: &str, whole: bool, unit: &str) -> Option<String> {
    let home = ModulePath(home.iter().map(|n| Arc::from(*n)).collect());
    let (from, to) = (Pattern::new(&home, &target(from), whole), Pattern::new(&home, &target(to), whole));
    Pattern::destination(&from, &to, &target(unit)).map(|t| t.to_string())
}

#[test]
fn open_keys_are_kept() {
    let found = destination(&["net"], "a.b", "module.x.a.c", true, "module.net[\"k\"].a.b");
    assert_eq!(found.as_deref(), Some("module.net[\"k\"].module.x.a.c"));
    assert_eq!(
        destination(&[], "module.a", "module.b.module.c", true, "module.a[3].module.z").as_deref(),
        Some("module.b.module.c[3].module.z")
    );
    assert_eq!(destination(&[], "module.a", "module.a[\"x\"]", false, "module.a.module.z").as_deref(), Some("module.a[\"x\"].module.z"));
    assert_eq!(destination(&[], "a.b", "a.b[0]", false, "a.b").as_deref(), Some("a.b[0]"));
}

#[test]
fn chains_and_nesting() {
    let root = ModulePath::root();
    let pattern = |text: &str, whole| Pattern::new(&root, &target(text), whole);
    assert!(pattern("a.b", true).continues(&pattern("a.b", true)));
    assert!(!pattern("a.b", true).continues(&pattern("a.b", false)));
    assert!(pattern("a.b[1]", false).is_inside(&pattern("a.b", true)));
    assert!(pattern("module.m.a.b", true).is_inside(&pattern("module.m", true)));
    assert!(!pattern("module.m", true).is_inside(&pattern("module.m", true)));
    assert_eq!(pattern("module.m.a.b", true).to_string(), "module.m.a.b[*]");
}

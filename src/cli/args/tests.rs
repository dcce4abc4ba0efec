use super::*;

fn parsed(line: &[&str]) -> Result<Args, String> {
    match parse(std::iter::once("levee").chain(line.iter().copied()).map(OsString::from)) {
        Parsed::Command(args) => Ok(*args),
        Parsed::Help(text) => Err(text),
        Parsed::Misuse(mistake, _) => Err(format!("{}: {}", mistake.summary, mistake.detail)),
    }
}

#[test]
fn the_definition_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn terraforms_flags() {
    let line = [
        "-chdir=d",
        "plan",
        "-var",
        "a=1",
        "-var-file=f",
        "-var=b=x=y",
        "-refresh=false",
        "-lock-timeout=1m30s",
        "-target=module.a",
        "-no-color",
    ];
    let args = parsed(&line).expect("a command");
    assert_eq!((args.chdir, args.no_color), (Some("d".into()), true));
    let Command::Plan(plan) = args.command else { panic!("not plan") };
    assert!(!plan.planning.refresh && plan.run.lock);
    assert_eq!(plan.run.lock_timeout, Duration::from_secs(90));
    assert_eq!(plan.planning.target, ["module.a"]);
    let expected = r#"[Var("a=1"), File("f"), Var("b=x=y")]"#;
    assert_eq!(format!("{:?}", plan.planning.variables.inputs), expected);
}

#[test]
fn mistakes_are_told_in_terraforms_spelling() {
    for (line, part) in [
        (&["plan", "-parallelism=-1"][..], "Invalid parallelism value: The parallelism must be a positive value. Not -1."),
        (&["plan", "-nope"][..], "flag provided but not defined: -nope"),
        (&["plan", "extra"][..], "Too many command line arguments"),
        (&["plan", "-out"][..], "flag needs an argument: -out"),
        (&["plan", "-lock-timeout=5"][..], "no duration"),
        (&["plan", "-auto-approve"][..], "-auto-approve"),
        (&["plan", "-help"][..], "-out=PATH"),
    ] {
        let text = parsed(line).expect_err("no command");
        assert!(text.contains(part) && !text.contains(" --"), "{line:?}: {text}");
    }
}

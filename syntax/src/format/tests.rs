//! How texts are laid out. Each expectation is what Terraform makes of the text.

use super::format;

fn check(text: &str, expected: &str) {
    assert_eq!(format(text), expected, "{text}");
    assert_eq!(format(expected), expected, "laid out already");
}

#[test]
fn neighbours_are_aligned() {
    check("a=1\nbcd   = [1,2 ,3]# x\n\ne=-1 - - 2 // y\n", "a   = 1\nbcd = [1, 2, 3] # x\n\ne = -1 - -2 // y\n");
    check("é = 1\nab = 2\n", "é  = 1\nab = 2\n");
    check("a {\nb = {\nc = 1\nlong = 2\n}\n d=[\n1,\n]\n}", "a {\n  b = {\n    c    = 1\n    long = 2\n  }\n  d = [\n    1,\n  ]\n}");
}

#[test]
fn old_spellings_are_rewritten() {
    check("a = \"${ b }\"\n", "a = b\n");
    check("a = \"${\n  b ?\n  1 : 2\n}\"\n", "a = (b ?\n1 : 2)\n");
    check("a = \"${b}${c}\"\nd = \"x${b}\"\n", "a = \"${b}${c}\"\nd = \"x${b}\"\n");
    check("variable a {\n type = \"list\"\n}\n", "variable \"a\" {\n  type = list(string)\n}\n");
    check("variable \"a\" {\n type = set\n}\n", "variable \"a\" {\n  type = set(any)\n}\n");
    check("resource /* x */ a \"b\" {}\n", "resource \"a\" \"b\" {}\n");
}

#[test]
fn templates_stay_as_they_are() {
    check("a=<<-EOT\n  x ${ y }\n    EOT\nb =1\n", "a = <<-EOT\n  x ${y}\n    EOT\nb = 1\n");
    check("a = \"x ${ f( 1,2 ) } %{if c}y%{endif}\"\r\n", "a = \"x ${f(1, 2)} %{if c}y%{endif}\"\r\n");
}

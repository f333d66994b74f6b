use snapbox::{assert_data_eq, str};

use crate::Session;

#[test]
fn help_names_the_commands() {
    let said = Session::new().causerie(&["--help"]);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    assert_data_eq!(
        said.stdout,
        str![[r#"
...
Usage: causerie [OPTIONS] <COMMAND>

Commands:
  init      Create a site
  new       Create a post
  build     Write the site into the folder public
  serve     Show the site in a browser while you write
  check     Look for mistakes, without writing anything
  comments  Moderate replies
  import    Bring in another blog, with its comments
  export    Write the comments out, for another program
  inbox     Take readers' replies
  theme     Change the built-in theme
...
Examples:
  causerie init blog                 Create a site in the folder blog
...
"#]]
    );
}

#[test]
fn wrong_usage_is_status_2() {
    for arguments in [
        &["publish-everything"][..],
        &[],
        &["new"],
        &["build", "--base-url", "example.org"],
        &["init", "--base-url", "https://example.org/?x"],
    ] {
        let session = Session::new();
        let said = session.causerie(arguments);
        assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(said.stderr.contains("Usage: ") || said.stderr.contains("try '--help'"), "{}", said.stderr);
        assert_eq!(session.names(), [""; 0]);
    }
}

#[test]
fn a_folder_without_a_site_is_reported() {
    for command in [&["new", "x"][..], &["build"], &["check"]] {
        let session = Session::new();
        let said = session.causerie(command);
        assert_eq!((said.status, said.stdout.as_str()), (1, ""));
        assert!(said.stderr.starts_with(
            "error: there is no site here: this folder has no site.toml\n |\n = help: begin one with `causerie init`"
        ));
        assert_eq!(session.names(), [""; 0]);
    }
}

#[test]
fn a_folder_that_is_not_there_is_reported() {
    let said = Session::new().causerie(&["build", "--root", "blogg"]);
    assert_eq!(said.stderr, "error: there is no folder `blogg`\n |\n = help: --root names the folder of the site\n\n");
    assert_eq!(said.status, 1);
}

#[test]
fn colours_are_for_terminals() {
    let said = Session::with(&[("site.toml", "base_url = 1")]).causerie(&["check"]);
    assert!(!said.stderr.contains('\u{1b}'), "{}", said.stderr);
}

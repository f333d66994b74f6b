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
  init        Create a site
  new         Create a post
  build       Write the site into the folder public
  serve       Show the site in a browser while you write
  check       Look for mistakes, without writing anything
  comments    Moderate replies
  gather      Bring in replies from other networks
  import      Bring in another blog, with its comments
  export      Write the comments out, for another program
  inbox       Take readers' replies
  theme       Change the built-in theme
  webmention  Notify the sites that your posts link to
  completion  Print a script that completes commands and options in a shell
  man         Print the manual page, in the format of `man`
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

#[test]
fn options_have_the_names_that_zola_gives_them() {
    let files = [
        ("blog/zola.toml", "base_url = \"https://a.example\"\n"),
        ("blog/templates/index.html", "{{ config.base_url }}"),
    ];
    let session = Session::with(&files);
    session.write("blog/other.toml", "base_url = \"https://other.example\"\n");
    let build = |arguments: &[&str]| {
        let said = session.causerie(arguments);
        assert_eq!(said.status, 0, "{arguments:?}: {said:?}");
    };
    build(&["-r", "blog", "build", "-f", "--output-dir", "one"]);
    assert_eq!(session.read("one/index.html"), "https://a.example");
    build(&["--root", "blog", "--config", "other.toml", "build", "-o", "two"]);
    assert_eq!(session.read("two/index.html"), "https://other.example");
    build(&["build", "-r", "blog", "-c", "other.toml", "-u", "https://third.example", "-o", "two"]);
    assert_eq!(session.read("two/index.html"), "https://third.example");
    build(&["check", "-r", "blog", "-c", "other.toml", "--skip-external-links"]);

    let said = session.causerie(&["build", "-r", "blog", "-c", "third.toml"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.starts_with("error: there is no configuration `third.toml`\n"), "{}", said.stderr);
    let said = session.causerie(&["new", "post", "-r", "blog", "-c", "other.toml"]);
    assert!(said.status == 1 && said.stderr.contains("`--config other.toml` has no meaning"), "{}", said.stderr);
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let session = Session::new();
    for (arguments, expected) in [
        (&["completion", "bash"][..], "complete -F _causerie"),
        (&["completion", "fish"], "complete -c causerie"),
        (&["completion", "zsh"], "#compdef causerie"),
        (&["completion", "elvish"], "edit:completion"),
        (&["completion", "powershell"], "Register-ArgumentCompleter"),
        (&["man"], ".TH causerie 1"),
        (&["man", "build"], "base\\-url"),
    ] {
        let said = session.causerie(arguments);
        assert_eq!((said.status, said.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(said.stdout.contains(expected), "{arguments:?}: {}", said.stdout);
    }
    let said = session.causerie(&["man", "publish"]);
    assert!(said.status == 1 && said.stderr.contains("there is no command `publish`"), "{said:?}");
    assert_eq!(session.causerie(&["completion", "dosbat"]).status, 2);
}

use snapbox::{assert_data_eq, str};

use crate::Session;

#[test]
fn a_new_folder() {
    let session = Session::new();
    let said = session.causerie(&["init", "blog"]);
    assert_eq!((said.status, said.stdout.as_str()), (0, ""));
    assert_data_eq!(
        said.stderr,
        str![[r#"
Created a site in blog.

Next:
  cd blog
  causerie serve --open          Show the site while you write
  causerie new posts/my-title    Create a post
  causerie build                 Write the site into public

"#]]
    );
    let names = session.names();
    assert!(names.contains(&"blog/site.toml".to_owned()), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("blog/content/") && name.ends_with(".md")), "{names:?}");
    assert_eq!(session.read("blog/.gitignore"), "/public/\n/.causerie/\n");
}

#[test]
fn the_title_and_the_address_are_put_in() {
    let session = Session::new();
    let said = session.causerie(&["init", "--title", "Jo's \"blog\" \\o/", "--base-url", "https://jo.example/notes"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let config: toml::Table = session.read("site.toml").parse().unwrap();
    assert_eq!(config["title"].as_str(), Some("Jo's \"blog\" \\o/"));
    assert_eq!(config["base_url"].as_str(), Some("https://jo.example/notes"));
}

#[test]
fn a_folder_with_other_files_is_fine() {
    let session = Session::with(&[("README.md", "mine"), (".gitignore", "*.swp\n"), (".git/HEAD", "ref")]);
    let said = session.causerie(&["init"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stderr.contains("The file .gitignore was not changed: add /public/ and /.causerie/ to it."));
    assert_eq!((session.read("README.md").as_str(), session.read(".gitignore").as_str()), ("mine", "*.swp\n"));
    assert!(session.path("site.toml").is_file());
    let session = Session::new();
    std::fs::write(session.path(".gitignore"), b"caf\xe9\n/public/\n").unwrap();
    let said = session.causerie(&["init"]);
    assert!(said.stderr.contains("The file .gitignore was not changed: add /.causerie/ to it."), "{}", said.stderr);
    let session = Session::with(&[(".gitignore", "public\n/.causerie/\n")]);
    let said = session.causerie(&["init"]);
    assert!(said.status == 0 && !said.stderr.contains(".gitignore"), "{}", said.stderr);
}

#[test]
fn nothing_is_overwritten_and_nothing_half_done() {
    for taken in ["site.toml", "zola.toml", "config.toml", "content"] {
        let session = Session::with(&[(taken, "mine")]);
        let before = session.files();
        let said = session.causerie(&["init"]);
        assert_eq!((said.status, said.stdout.as_str()), (1, ""));
        assert!(
            said.stderr.starts_with(&format!("error: nothing was written, because this already exists: {taken}\n")),
            "{}",
            said.stderr
        );
        assert_eq!(session.files(), before);
    }
}

#[test]
fn a_second_time_names_every_file() {
    let session = Session::new();
    assert_eq!(session.causerie(&["init"]).status, 0);
    let before = session.files();
    let said = session.causerie(&["init"]);
    assert_eq!(said.status, 1);
    for (name, _) in before.iter().filter(|(name, _)| name != ".gitignore") {
        assert!(said.stderr.contains(name.as_str()), "{name}: {}", said.stderr);
    }
    assert_eq!(session.files(), before);
}

#[test]
fn a_file_in_place_of_the_folder() {
    let session = Session::with(&[("blog", "mine")]);
    let said = session.causerie(&["init", "blog"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.starts_with("error: blog"), "{}", said.stderr);
    assert_eq!(session.files(), [("blog".to_owned(), "mine".to_owned())]);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_written_through() {
    let session = Session::with(&[("elsewhere/keep", "mine")]);
    std::fs::create_dir(session.path("blog")).unwrap();
    std::os::unix::fs::symlink(session.path("elsewhere"), session.path("blog/content")).unwrap();
    let before = session.files();
    let said = session.causerie(&["init", "blog"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("this already exists: content\n"), "{}", said.stderr);
    assert_eq!(session.files(), before);
}

#[test]
fn force_creates_what_is_missing_and_overwrites_nothing() {
    let session =
        Session::with(&[("content/posts/mine.md", "mine"), ("zola.toml", "base_url = \"https://a.example\"\n")]);
    assert_eq!(session.causerie(&["init"]).status, 1);
    let said = session.causerie(&["init", "-f"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert_eq!(session.read("content/posts/mine.md"), "mine");
    assert_eq!(session.read("zola.toml"), "base_url = \"https://a.example\"\n");
    assert!(!session.path("site.toml").exists());
    assert!(session.names().iter().any(|name| name == ".gitignore"), "{:?}", session.names());
}

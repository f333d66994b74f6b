//! Documents and threads with what is to be said of them, as plain folders: every file of `NAME/content` is parsed,
//! each thread is linked, and `NAME/report.txt` is what an author would read.
//!
//! `CAUSERIE_ACCEPT=1 cargo test --test documents` writes what is said; read the difference before you commit it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use causerie::diagnostic::{self, Diagnostic, report};
use causerie::{
    DiskWorld, Languages, Markdown, Order, ThreadFile, ThreadOptions, ThreadOwner, World, link, owner, parse,
    parse_thread, parser_options, read_text,
};

/// What is said of every file below `content/`, and of the threads that they make.
fn problems(world: &dyn World) -> Vec<Diagnostic> {
    let others = ["fr".to_owned(), "pt-BR".to_owned()];
    let languages = Languages { default: "en", others: &others };
    let mut problems = Vec::new();
    let mut threads: BTreeMap<String, Vec<ThreadFile>> = BTreeMap::new();
    for entry in world.walk("content").files {
        let read = || read_text(world, &entry.path).expect("a readable text");
        match owner(&entry.path, |path| world.is_file(path)) {
            Some(ThreadOwner::Thread(owner)) => {
                let (file, found) = parse_thread(&read());
                threads.entry(owner).or_default().push(file);
                problems.extend(found);
            }
            Some(ThreadOwner::Stray(_) | ThreadOwner::Ignored) => {}
            None if entry.path.ends_with(".md") => {
                problems.extend(parse(read(), &languages, parser_options(&Markdown::default())).1);
            }
            None => {}
        }
    }
    for files in threads.into_values() {
        problems
            .extend(link(files, &ThreadOptions { order: Order::Oldest, max_depth: 5, authors: &[], pending: false }).1);
    }
    diagnostic::sort(&mut problems);
    problems
}

fn run(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(name);
    let said: Vec<String> = problems(&DiskWorld::new(&folder)).iter().map(report).collect();
    let said = anstream::adapter::strip_str(&said.join("\n\n")).to_string() + "\n";
    let file = folder.join("report.txt");
    if std::env::var_os("CAUSERIE_ACCEPT").is_some() {
        fs::write(&file, &said).expect("a writable folder");
        return;
    }
    let wanted = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(said, wanted, "of {name} something else is said");
}

macro_rules! folders {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })*

        #[test]
        fn every_folder_is_listed() {
            let listed = [$(stringify!($name)),*];
            let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
            for entry in fs::read_dir(here).expect("this folder").filter_map(Result::ok) {
                let name = entry.file_name().into_string().expect("a plain name");
                let known = name == "main.rs" || listed.contains(&name.as_str());
                assert!(known, "tests/documents/{name} is looked at by no test");
            }
        }
    };
}

folders!(
    a_site_that_came_from_zola,
    files_without_a_front_matter,
    front_matter_that_is_no_toml,
    front_matter_that_is_no_yaml,
    pages_with_wrong_values,
    sections_with_wrong_values,
    names_of_files,
    comments_with_wrong_values,
    comments_that_never_end,
    comments_that_answer_nobody,
    folders_of_comments,
);

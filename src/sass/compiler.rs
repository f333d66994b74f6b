//! Runs the compiler, and turns what it says into diagnostics.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;

use grass::codemap::{LineCol, SpanLoc};
use grass::{ErrorKind, Logger, Options, OutputStyle};

use super::Compilation;
use super::site_files::{Message, ServedFiles, SiteFiles};
use crate::allocator;
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::World;

/// The stack of the compiler's thread. Mixins and functions that call themselves some thousand times fit into it.
const STACK_SIZE: usize = 16 << 20;

/// The result of the compiler, and what the files print.
pub(super) struct Outcome {
    css: Result<String, Diagnostic>,
    warnings: Vec<Diagnostic>,
}

/// Compiles a file in a thread of its own, because the compiler has no bound for mixins and functions that call themselves.
pub(super) fn compile(world: &dyn World, is_file: &dyn Fn(&str) -> bool, path: &str) -> Compilation {
    let (sender, messages) = mpsc::channel();
    let file = path.to_owned();
    let work = move || {
        let excess = sender.clone();
        let on_excess = move || drop(excess.send(Message::TooDeep));
        let outcome = allocator::bounded_depth(STACK_SIZE, || run(SiteFiles(sender.clone()), &file), on_excess);
        let _ = sender.send(Message::Done(outcome));
    };
    let failed = |message: String| Diagnostic::error(message).at(Location::file(path));
    let thread = thread::Builder::new().name("sass".to_owned()).stack_size(STACK_SIZE).spawn(work);
    let mut served = ServedFiles::default();
    let end = thread.map(|_| served.serve(&messages, world, is_file));
    let Outcome { css, warnings } = match end {
        Ok(Some(Message::Done(outcome))) => outcome,
        Ok(Some(_)) => {
            let problem = failed("Sass: a mixin or function calls itself without end".to_owned())
                .help("it is in this file, or in one that it imports; give it a condition that ends the calls");
            Outcome { css: Err(problem), warnings: Vec::new() }
        }
        Ok(None) => Outcome { css: Err(broken(path)), warnings: Vec::new() },
        Err(error) => {
            let css = Err(failed(format!("the Sass compiler cannot be started: {error}")));
            Outcome { css, warnings: Vec::new() }
        }
    };
    let css = served.unreadable.map_or(css, Err);
    Compilation { css, warnings, files: served.files }
}

fn run(files: SiteFiles, path: &str) -> Outcome {
    let messages = Messages::default();
    let options = Options::default().fs(&files).logger(&messages).style(OutputStyle::Compressed);
    // The compiler panics at some inputs that it does not support. It keeps no state, so nothing is left half done.
    let compiled = panic::catch_unwind(AssertUnwindSafe(|| grass::from_path(path, &options)));
    let css = match compiled {
        Ok(Ok(css)) => Ok(css),
        Ok(Err(error)) => Err(diagnostic(error.kind(), path)),
        Err(_) => Err(broken(path)),
    };
    Outcome { css, warnings: messages.0.take() }
}

fn broken(path: &str) -> Diagnostic {
    Diagnostic::error("the Sass compiler fails at this file, or at one that it imports")
        .at(Location::file(path))
        .help("leave out its parts one by one to find which of them it is")
}

fn diagnostic(error: ErrorKind, path: &str) -> Diagnostic {
    let (message, location) = match error {
        ErrorKind::ParseError { message, loc, .. } => (message, location(&loc)),
        ErrorKind::IoError(error) => (error.to_string(), Location::file(path)),
        ErrorKind::FromUtf8Error(message) => (message, Location::file(path)),
        _ => ("this file cannot be compiled".to_owned(), Location::file(path)),
    };
    let mut message = message.trim_end().trim_end_matches('.').to_owned();
    let help = match message.as_str() {
        "Can't find stylesheet to import" => {
            message = "the style sheet to import is not there".to_owned();
            Some("a path begins at the folder of this file; it leads to a `.scss`, `.sass` or `.css` file of the site")
        }
        "This file is already being loaded" | "Module loop: this module is already being loaded" => {
            message = "this import is part of a circle: the file is being loaded already".to_owned();
            Some("move what both files need into a third one, and import that from both")
        }
        _ => None,
    };
    let problem = Diagnostic::error(format!("Sass: {message}")).at(location);
    match help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

fn location(place: &SpanLoc) -> Location {
    let text = place.file.source();
    let source = SourceText { path: place.file.name().into(), text: text.into() };
    Location::span(&source, byte_offset(text, place.begin)..byte_offset(text, place.end))
}

/// The place of a line and column, which counts characters.
fn byte_offset(text: &str, place: LineCol) -> usize {
    let before: usize = text.split_inclusive('\n').take(place.line).map(str::len).sum();
    let line = &text[before..];
    before + line.char_indices().nth(place.column).map_or(line.len(), |(offset, _)| offset)
}

/// What the files print while they are compiled.
#[derive(Debug, Default)]
struct Messages(RefCell<Vec<Diagnostic>>);

impl Messages {
    fn add(&self, kind: &str, place: &SpanLoc, message: &str) {
        let message = message.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(message);
        let warning = Diagnostic::warning(format!("{kind}: {message}")).at(location(place));
        self.0.borrow_mut().push(warning);
    }
}

impl Logger for Messages {
    fn debug(&self, location: SpanLoc, message: &str) {
        self.add("Sass @debug", &location, message);
    }

    fn warn(&self, location: SpanLoc, message: &str) {
        self.add("Sass", &location, message);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::diagnostic::plain;
    use crate::sass::{Compilation, compile};
    use crate::source::{MemoryWorld, World};

    fn compile_files(files: &[(&str, &str)]) -> Compilation {
        let world: MemoryWorld = files.iter().copied().collect();
        compile(&world, &|path| world.is_file(path), "sass/main.scss")
    }

    fn css(files: &[(&str, &str)]) -> String {
        compile_files(files).css.unwrap_or_else(|problem| panic!("{}", plain(&problem)))
    }

    fn error(files: &[(&str, &str)]) -> String {
        plain(&compile_files(files).css.expect_err("an error"))
    }

    #[test]
    fn imports_are_found_beside_the_file_and_below_the_site() {
        let css = css(&[
            (
                "sass/main.scss",
                "@use 'colours'; @import 'deep/rules', '../node_modules/kit/kit';\n.a { color: colours.$red }",
            ),
            ("sass/_colours.scss", "\u{feff}$red: #f00;\r\n"),
            ("sass/deep/_rules.sass", ".b\n  margin: 1px + 2px\n"),
            ("node_modules/kit/kit/_index.scss", ".c { d: e }"),
        ]);
        assert_eq!(css, ".b{margin:3px}.c{d:e}.a{color:red}");
    }

    #[test]
    fn every_file_that_was_looked_for_is_known() {
        let files = compile_files(&[("sass/main.scss", "@use 'a';"), ("sass/_a.scss", "")]).files;
        // A file that comes before the one that was found would take its place.
        for path in ["sass/main.scss", "sass/_a.scss", "sass/a.scss", "sass/_a.sass", "sass/a.import.scss"] {
            assert!(files.contains(path), "{path}: {files:?}");
        }
        assert!(!files.contains("sass/a.css"), "{files:?}");
        let missing = compile_files(&[("sass/main.scss", "@use 'a';")]).files;
        assert!(missing.contains("sass/a/_index.scss"), "{missing:?}");
    }

    #[test]
    fn errors_name_the_place() {
        for (files, expected) in [
            (&[("sass/main.scss", "a {\n  é: $no;\n}\n")][..], "sass/main.scss:2:6"),
            (&[("sass/main.scss", "@use 'a';"), ("sass/_a.scss", "b {\n c: }")], "sass/_a.scss:2"),
            (&[("sass/main.scss", "\n@use 'none';")], "sass/main.scss:2"),
            (&[("sass/main.scss", "a { b: 1px + 1s }")], "sass/main.scss:1"),
            (&[("sass/main.scss", "a { @error 'no' }")], "sass/main.scss:1"),
        ] {
            let error = error(files);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn nothing_out_of_the_site_is_read() {
        for path in ["../../a", "/etc/hosts.css", "../../../../../../etc/a.css"] {
            let error = error(&[("sass/main.scss", &format!("@use '{path}';"))]);
            assert!(error.contains("the style sheet to import is not there"), "{error}");
        }
    }

    #[test]
    fn an_import_circle_is_an_error() {
        let before = Instant::now();
        for rule in ["@import", "@use", "@forward"] {
            for path in ["main", "../sass/main", "a"] {
                let error = error(&[
                    ("sass/main.scss", &format!("{rule} 'a';")),
                    ("sass/_a.scss", &format!("{rule} '{path}';")),
                ]);
                assert!(error.contains("circle") && error.contains("sass/_a.scss:1"), "{rule} {path}: {error}");
            }
        }
        assert!(before.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn calls_without_end_are_an_error() {
        for text in [
            "@mixin a { @include a }\n@include a;",
            "@mixin a { .b { @include c } }\n@mixin c { @include a }\n.d { @include a }",
            "@function f($n) { @return f($n + 1) }\na { b: f(0) }",
        ] {
            let error = error(&[("sass/main.scss", text)]);
            assert!(error.contains("calls itself without end") && error.contains("sass/main.scss"), "{error}");
        }
        let css = css(&[(
            "sass/main.scss",
            "@function sum($n) { @if $n == 0 { @return 0 } @return $n + sum($n - 1) }\na { b: sum(100) }",
        )]);
        assert_eq!(css, "a{b:5050}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error() {
        let world: MemoryWorld =
            [("sass/main.scss", b"@use 'a';".to_vec()), ("sass/_a.scss", b"a { b: '\xff' }".to_vec())]
                .into_iter()
                .collect();
        let error = plain(&compile(&world, &|path| world.is_file(path), "sass/main.scss").css.expect_err("an error"));
        assert!(error.contains("sass/_a.scss:1") && error.contains("UTF-8"), "{error}");
    }

    #[test]
    fn warnings_have_a_place() {
        let compilation = compile_files(&[("sass/main.scss", "a {\n @warn 'old'; @debug 1 + 1; b: c }")]);
        let warnings: Vec<String> = compilation.warnings.iter().map(plain).collect();
        assert!(warnings[0].contains("Sass: old\n") && warnings[0].contains("sass/main.scss:2:8"), "{warnings:?}");
        assert!(warnings[1].contains("@debug: 2"), "{warnings:?}");
    }
}

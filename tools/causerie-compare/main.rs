//! Compares two output folders of one site: `cargo run --release --features compare --bin causerie-compare -- FIRST SECOND`.
//!
//! The report has the paths that only one folder has, the files that differ, by kind, with their first difference, and a
//! score for each kind. `README.md` in this folder says what counts as equal.

mod folder;
mod json;
mod kind;
mod page;
mod report;
mod xml;

use std::path::PathBuf;
use std::process::ExitCode;

use folder::Folder;
use report::Report;

const USAGE: &str = "causerie-compare FIRST SECOND [--again FOLDER]… [--minified] [--limit 20] [--below 98]

  --again FOLDER   another build of the first folder; files that differ between the two are not compared;
                   can be given several times
  --minified       white space and quotes in pages do not count, because only one of the programs removes them
  --limit 20       how many differences of each kind are shown
  --below 98       end with status 1 if the score of HTML is lower than this, or a page is missing";

struct Options {
    first: PathBuf,
    second: PathBuf,
    again: Vec<PathBuf>,
    minified: bool,
    limit: usize,
    below: Option<f64>,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Options, String> {
    let mut folders = Vec::new();
    let (mut again, mut minified, mut limit, mut below) = (Vec::new(), false, 20, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value\n\n{USAGE}"));
        match argument.as_str() {
            "--again" => again.push(value()?.into()),
            "--minified" => minified = true,
            "--limit" => limit = value()?.parse().map_err(|_| "--limit needs a number".to_owned())?,
            "--below" => below = Some(value()?.parse().map_err(|_| "--below needs a percentage".to_owned())?),
            _ if argument.starts_with('-') => return Err(format!("unknown option {argument}\n\n{USAGE}")),
            _ => folders.push(PathBuf::from(argument)),
        }
    }
    let [first, second] =
        <[PathBuf; 2]>::try_from(folders).map_err(|_| format!("two folders are needed\n\n{USAGE}"))?;
    Ok(Options { first, second, again, minified, limit, below })
}

/// Prints the report. False if the score is too low.
fn run(options: &Options) -> Result<bool, String> {
    let first = Folder::read(&options.first)?;
    let second = Folder::read(&options.second)?;
    let again = options.again.iter().map(|folder| Folder::read(folder)).collect::<Result<Vec<_>, _>>()?;
    let report = Report::compare(&first, &second, &again, options.minified)?;
    print!("{}", report.text(options.limit));
    Ok(options.below.is_none_or(|below| report.reaches(below)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> Folder {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tools/causerie-compare").join(name);
        Folder::read(&path).unwrap()
    }

    #[test]
    fn two_builds_of_one_small_site() {
        let (first, second) = (folder("first"), folder("second"));
        let report = Report::compare(&first, &second, &[], false).unwrap();
        let expected = include_str!("expected.txt");
        assert_eq!(report.text(20), expected);
        assert!(report.reaches(50.0) && !report.reaches(90.0));
    }

    #[test]
    fn a_file_that_changes_by_itself_is_not_compared() {
        let (first, second) = (folder("first"), folder("second"));
        let report = Report::compare(&first, &second, &[folder("first"), folder("second")], false).unwrap();
        let text = report.text(20);
        assert!(text.contains("HTML              0       0      2      2         1   100.0 %\n"), "{text}");
    }

    #[test]
    fn a_missing_folder_is_reported() {
        let error = Folder::read(std::path::Path::new("/nowhere/at/all")).err().unwrap();
        assert!(error.contains("/nowhere/at/all"), "{error}");
    }
}

//! The programs that are compared, and how each is run on a corpus.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shared::corpus::Shape;
use crate::shared::cost;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Causerie,
    /// `cp -r` of Causerie's output: the least that writing such a site can take.
    Copy,
    /// Hugo with plain templates.
    Hugo,
    /// Zola, with the templates and the configuration of the bare site.
    Zola,
    /// Pagefind's index of Causerie's output.
    Pagefind,
    /// Hugo with its most used theme. It takes so long that it is run once.
    PaperMod,
}

/// What there is to compare on this machine.
#[derive(Debug, Default)]
pub struct Peers {
    pub hugo: Option<String>,
    pub zola: Option<String>,
    pub pagefind: Option<String>,
    /// A checkout of the theme.
    pub papermod: Option<PathBuf>,
}

/// In larger sites PaperMod takes hours.
const PAPERMOD_LIMIT: usize = 10_000;

impl Peers {
    /// Looks for programs on the path.
    pub fn find(papermod: Option<PathBuf>) -> Self {
        Self {
            hugo: cost::find(&cost::hugo_program(), &["version"]),
            zola: cost::find("zola", &["--version"]),
            pagefind: cost::find(&cost::pagefind_program(), &["--version"]),
            papermod,
        }
    }

    /// The programs for a corpus, in the order in which they run. Zola does not have the theme of the real site, and only Causerie has
    /// comments.
    pub fn programs(&self, posts: usize, shape: Shape) -> Vec<Program> {
        let mut programs = vec![Program::Causerie, Program::Copy];
        if shape.comments == 0 {
            programs.extend(self.hugo.is_some().then_some(Program::Hugo));
            programs.extend((self.zola.is_some() && shape.is_bare).then_some(Program::Zola));
        }
        programs.extend((self.pagefind.is_some() && shape.search).then_some(Program::Pagefind));
        let has_papermod = self.hugo.is_some() && self.papermod.is_some() && posts <= PAPERMOD_LIMIT;
        programs.extend((has_papermod && !shape.is_bare).then_some(Program::PaperMod));
        programs
    }

    pub fn versions(&self) -> impl Iterator<Item = &str> {
        [&self.hugo, &self.zola, &self.pagefind].into_iter().flatten().map(String::as_str)
    }
}

impl Program {
    pub fn name(self) -> &'static str {
        match self {
            Self::Causerie => "Causerie",
            Self::Copy => "`cp -r` of its output",
            Self::Hugo => "Hugo, bare theme",
            Self::Zola => "Zola, bare theme",
            Self::Pagefind => "Pagefind, on Causerie's pages",
            Self::PaperMod => "Hugo, PaperMod (one run)",
        }
    }

    /// How often it runs of so many rounds.
    pub fn rounds(self, runs: usize) -> usize {
        if self == Self::PaperMod { 1 } else { runs }
    }

    /// The folder of an output.
    pub fn output(self, corpus: &Path, round: usize) -> PathBuf {
        corpus.join(format!("out-{self:?}-{round}"))
    }

    /// A build that remembers nothing of a build before. Causerie's own of this round must be there for those that need its output.
    pub fn command(self, corpus: &Path, shape: Shape, round: usize) -> Result<Command, String> {
        let site = corpus.join("causerie");
        let pages = Self::Causerie.output(corpus, round);
        let output = self.output(corpus, round);
        Ok(match self {
            Self::Causerie => {
                cost::forget(&site).map_err(|error| error.to_string())?;
                cost::causerie_build(&site, &output)
            }
            Self::Hugo => cost::hugo_build(&corpus.join("hugo"), &output),
            Self::PaperMod => cost::hugo_build(&corpus.join("papermod"), &output),
            Self::Pagefind => cost::pagefind(&pages, &output, shape.is_bare),
            Self::Zola => {
                let mut command = Command::new("zola");
                command.arg("--root").arg(&site).arg("--config").arg(site.join("for-zola.toml"));
                command.args(["build", "--output-dir"]).arg(output);
                command
            }
            Self::Copy => {
                let mut command = Command::new("cp");
                command.arg("-r").arg(pages).arg(output);
                command
            }
        })
    }
}

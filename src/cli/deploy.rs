//! Files with which hosts build and publish a site.

use std::path::PathBuf;

use clap::ValueEnum;

/// A host that builds a site from its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Host {
    /// GitHub Pages, by a workflow of GitHub Actions
    Github,
    /// GitLab Pages, by a pipeline
    Gitlab,
    /// Netlify
    Netlify,
    /// Cloudflare Workers, as static assets
    Cloudflare,
}

/// The place of this version in the files.
const VERSION: &str = "{version}";

/// The headers of every page, in the form that Netlify and Cloudflare read.
const HEADERS: &str = include_str!("deploy/headers");

impl Host {
    /// The files that the host needs, with their paths.
    pub fn files(self) -> Vec<(PathBuf, Vec<u8>)> {
        let files: &[(&str, &str)] = match self {
            Self::Github => &[(".github/workflows/publish.yml", include_str!("deploy/github.yml"))],
            Self::Gitlab => &[(".gitlab-ci.yml", include_str!("deploy/gitlab.yml"))],
            Self::Netlify => &[("netlify.toml", include_str!("deploy/netlify.toml")), ("static/_headers", HEADERS)],
            Self::Cloudflare => {
                &[("wrangler.toml", include_str!("deploy/wrangler.toml")), ("static/_headers", HEADERS)]
            }
        };
        let text = |text: &str| text.replace(VERSION, env!("CARGO_PKG_VERSION")).into_bytes();
        files.iter().map(|(path, content)| (PathBuf::from(path), text(content))).collect()
    }

    /// What is left to do, in one sentence or two.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::Github => {
                "In the repository's settings, choose \"GitHub Actions\" as the source of Pages. Then every push to main \
                 publishes the site."
            }
            Self::Gitlab => "Every push to the default branch publishes the site.",
            Self::Netlify => "Import the repository at Netlify. Then every push publishes the site.",
            Self::Cloudflare => {
                "Write the site's name into wrangler.toml and its address into site.toml. `npx wrangler deploy` publishes \
                 the site, and so does every push if you connect the repository."
            }
        }
    }
}

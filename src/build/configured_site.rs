//! From files to a site that is ready to be rendered.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;

use super::cache::{Cache, StoredImages, StoredResponses};
use super::report::has_errors;
use super::{Options, Report, Summary};
use super::{future_dates, menu};
use crate::clock;
use crate::config::{Config, Mode, split_origin};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::fetch::{CacheMode, CachedClient};
use crate::load::{ParseCache, Sources};
use crate::markdown::Highlighter;
use crate::site::plan::{Output, Plan, plan};
use crate::site::{self, HeldPosts, Visibility};
use crate::source::git::{Head, LastChanges};
use crate::source::{DiskWorld, Fingerprint, Survey, World, unreadable};
use crate::templates::{Library, Templates, ThemedWorld};

/// Where the reply form of the preview posts, whatever the published site does.
const PREVIEW_ENDPOINT: &str = "/-/comments";

/// A site whose configuration was read.
pub struct ConfiguredSite {
    /// Where its files are.
    pub world: Arc<Survey<ThemedWorld<DiskWorld>>>,
    /// Its configuration.
    pub config: Arc<Config>,
    /// What gives code its colours.
    pub highlighter: Arc<Highlighter>,
    /// The fingerprint of everything that the configuration was read from.
    config_fingerprint: Fingerprint,
    /// The templates, and the fingerprint of their files if every change of them would show in it.
    templates: Option<(Arc<Templates>, Option<Fingerprint>)>,
    /// What loads data from other servers.
    remote: Arc<CachedClient>,
    mode: Mode,
    /// The history of the site's files, if the author asks for it.
    history: Option<History>,
    /// The moment of the build.
    pub now: Timestamp,
}

/// What git says of the site's files.
struct History {
    /// The last commit, or why there is none.
    head: Result<Head, Diagnostic>,
    /// The last changes as of that commit, once they were read.
    changes: Option<Arc<LastChanges>>,
}

/// A site that is ready to be rendered.
pub struct LoadedSite {
    /// What templates can read.
    pub library: Arc<Library>,
    /// What must exist.
    pub outputs: Vec<Output>,
}

/// Returns the client for data of other servers.
fn client(options: &Options, config: &Config) -> CachedClient {
    let mode = match (options.offline, options.force) {
        (true, _) => CacheMode::Offline,
        (false, true) => CacheMode::Reload,
        (false, false) => CacheMode::Revalidate,
    };
    CachedClient::new(&config.fetch.private_hosts, Some(Arc::new(StoredResponses::new(&options.root))), mode)
}

impl History {
    /// Asks for the last commit. While it is the same, so are the changes.
    fn open(root: &Path, before: Option<&Self>) -> Self {
        let head = Head::read(root);
        let changes = before.filter(|before| before.head == head).and_then(|before| before.changes.clone());
        Self { head, changes }
    }

    fn changes(&mut self, root: &Path) -> Arc<LastChanges> {
        let head = &self.head;
        let read = || {
            let changes = head.clone().and_then(|head| head.last_changes(root, "content"));
            changes.unwrap_or_else(|warning| LastChanges { warning: Some(warning), ..LastChanges::default() }).into()
        };
        self.changes.get_or_insert_with(read).clone()
    }
}

impl ConfiguredSite {
    /// Reads the configuration of the site in a folder, and what it names. What is the same as when it was opened
    /// `before` is taken from there.
    pub fn new(options: &Options, mode: Mode, before: Option<&Self>, report: &mut Report) -> Option<Self> {
        let now = match options.now.map_or_else(clock::read, Ok) {
            Ok(now) => now,
            Err(problem) => {
                report.diagnostics.push(problem);
                return None;
            }
        };
        let world = Arc::new(Survey::new(ThemedWorld::new(DiskWorld::new(&options.root))));
        let (result, read) = world.watched(|| {
            let (config, problems) = Config::load_file(&*world, options.config.as_deref());
            report.diagnostics.extend(problems);
            let mut config = config?;
            // The preview serves the site below the path where readers will find it, so that what leads out of it does so here.
            let has_folder = options.base_url.as_deref().is_some_and(|url| !split_origin(url).1.is_empty());
            let folder = if mode == Mode::Serve && !has_folder { config.written_folder() } else { "" };
            // Addresses that are paths stay paths: they are right in the preview as well.
            let is_path = mode == Mode::Serve && !config.has_origin();
            let base_url = options.base_url.as_ref().map(|url| match is_path {
                true if has_folder => split_origin(url).1.to_owned(),
                true => config.written_folder().to_owned(),
                false => format!("{url}{folder}"),
            });
            if let Some(url) = base_url
                && let Err(problem) = config.override_base_url(&url)
            {
                report.diagnostics.push(problem);
                return None;
            }
            config.minify_html |= options.minify;
            if mode == Mode::Serve {
                config.comments.endpoint = Some(PREVIEW_ENDPOINT.to_owned());
            }
            let read = |path: &str| world.read(path).map_err(|error| unreadable(path, &error));
            let (highlighter, problems) = Highlighter::new(&config, &read);
            report.diagnostics.extend(problems);
            if options.force {
                return Some((config, highlighter));
            }
            let root = options.root.clone();
            Some((config, highlighter.with_packed(move || Cache::read_code(&root))))
        });
        let (mut config, highlighter) = result?;
        report.diagnostics.extend(config.load_translations(&*world));
        let given = format!("{mode:?} {} {} {read:?}", config.base_url, config.minify_html);
        let config_fingerprint = Fingerprint::of(given.as_bytes());
        let history =
            config.git.updated.then(|| History::open(&options.root, before.and_then(|it| it.history.as_ref())));
        let before = before.filter(|before| before.config_fingerprint == config_fingerprint);
        // The preview loads everything once, until the configuration changes. It tries again what failed.
        if let Some(before) = before {
            before.remote.forget_failures();
        }
        let remote = before.map_or_else(|| client(options, &config).into(), |before| before.remote.clone());
        Some(Self {
            history,
            world,
            remote,
            config: config.into(),
            highlighter: before.map_or_else(|| highlighter.into(), |before| before.highlighter.clone()),
            config_fingerprint,
            templates: before.and_then(|before| before.templates.clone()),
            mode,
            now,
        })
    }

    /// The templates, compiled, unless those of before are as good.
    fn templates(&mut self) -> (Option<Arc<Templates>>, Vec<Diagnostic>) {
        let theme = self.config.theme.iter().map(|theme| format!("themes/{theme}/templates"));
        let folders: Vec<String> = theme.chain(["templates".to_owned()]).collect();
        let (print, is_settled) = self.world.print(&folders, SystemTime::now());
        if let Some((templates, Some(before))) = &self.templates
            && *before == print
        {
            return (Some(templates.clone()), Vec::new());
        }
        let (templates, problems) = Templates::load(&*self.world, &self.config);
        let templates = templates.map(Arc::new);
        let is_sure = is_settled && problems.is_empty();
        self.templates = templates.clone().map(|templates| (templates, is_sure.then_some(print)));
        (templates, problems)
    }

    /// The fingerprint of all the files that the site is made of; none if some of them could have changed unseen since
    /// `looked`.
    pub fn sources(&self, options: &Options, looked: SystemTime) -> Option<Fingerprint> {
        let mut folders: Vec<String> = ["content", "static", "templates", "sass", "i18n"].map(str::to_owned).into();
        if let Some(theme) = &self.config.theme {
            folders.extend(["static", "templates", "sass", "i18n"].map(|folder| format!("themes/{theme}/{folder}")));
        }
        let (Fingerprint(files), is_settled) = self.world.print(&folders, looked);
        let commit = self.history.as_ref().and_then(|history| Some(history.head.as_ref().ok()?.commit.as_str()));
        let all = format!("{:?} {} {} {commit:?} {files}", self.config_fingerprint, options.drafts, options.future);
        is_settled.then(|| Fingerprint::of(all.as_bytes()))
    }

    /// Reads, parses, links and plans. Each phase goes as far as it can, so that one run reports every problem; none is
    /// given when there is no site to render.
    pub fn load(&mut self, options: &Options, parse_cache: &mut ParseCache, report: &mut Report) -> Option<LoadedSite> {
        let (world, config, mode) = (self.world.clone(), self.config.clone(), self.mode);
        let changes = self.history.as_mut().map(|history| history.changes(&options.root));
        let ((templates, template_problems), (mut sources, source_problems)) =
            rayon::join(|| self.templates(), || Sources::load(&*world, &config, parse_cache));
        if let Some(changes) = changes {
            report
                .diagnostics
                .extend(changes.warning.clone().map(|warning| warning.at(config.location("git.updated"))));
            sources.changes.clone_from(&changes.dates);
        }
        let unfinished = Visibility {
            drafts: options.drafts,
            pending: mode == Mode::Serve,
            held: match mode {
                _ if options.future => HeldPosts::Shown,
                Mode::Serve => HeldPosts::Marked,
                Mode::Build | Mode::Check => HeldPosts::LeftOut,
            },
        };
        // Without its theme most templates extend or include one that is missing. The missing theme is reported already.
        let is_news = |problem: &Diagnostic| self.config.has_theme || problem.kind != DiagnosticKind::UnknownTemplate;
        report.diagnostics.extend(template_problems.into_iter().filter(is_news));
        if options.root.join("content").symlink_metadata().is_err() {
            let problem = Diagnostic::warning("the site has no folder `content`, so it has no pages");
            report.diagnostics.push(problem.help("make the folder, or see whether it was renamed"));
        }
        report.diagnostics.extend(source_problems);

        let (site, problems) = site::link(config, sources, unfinished, self.now);
        report.diagnostics.extend(problems);
        report.diagnostics.extend(future_dates::warnings(&site, &*world));
        report.held = site.held.iter().map(|(path, date)| (format!("content/{path}"), date.to_string())).collect();
        report.summary = Summary {
            pages: site.pages.len(),
            sections: site.sections.len(),
            comments: site.recent.len(),
            held: site.held.len(),
            ..Summary::default()
        };
        let Plan { outputs, problems, notes } = plan(&site);
        report.notes = notes;
        report.diagnostics.extend(problems);
        report.summary.outputs = outputs.len();

        let templates = templates?;
        let pages = site.pages.iter().filter(|page| page.is_rendered).map(|page| page.template.as_str());
        let sections = site.sections.iter().filter(|section| section.meta.render);
        let sections = sections.map(|section| section.template.as_str());
        if site.config.has_theme {
            report
                .diagnostics
                .extend(templates.fallback_warnings(pages.chain(sections), &site.config.location("theme")));
        }
        report.diagnostics.extend(templates.translation_warnings(&site.config));
        report.diagnostics.extend(menu::check(&site, &*world));
        let library = Library::new(site, world, templates, self.highlighter.clone(), mode, self.config_fingerprint);
        library.load_remote_data_with(self.remote.clone());
        library.keep_images_in(Arc::new(StoredImages::new(&options.root, !options.force)));
        if has_errors(&report.diagnostics) {
            // What is broken in one page must not hide what is broken in another. Without its theme every page would be broken.
            if library.site.config.has_theme {
                report.diagnostics.extend(library.check_bodies());
            }
            return None;
        }
        Some(LoadedSite { library, outputs })
    }
}

//! Writes posts and threads.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::Options;
use super::addresses::split;
use super::files::{Files, kept_as_edited};
use super::html::{self, Conversion, Converter};
use super::ledger::Ledger;
use super::media::Media;
use super::model::{Comment, ItemKind, Omission, Post, PostKind, ThreadKey};
use super::plan::{Plan, PlannedPost};
use super::report::{Concern, Report};
use super::store::Store;
use super::threads::{self, CommentBlock, PostOfThread, public_name};
use super::toml_text;
use crate::config::Config;

/// So many posts are in memory at once.
const CHUNK: usize = 128;

/// What is needed to write.
pub struct Writer<'a> {
    /// The options of the import.
    pub options: &'a Options,
    /// The site's configuration.
    pub config: &'a Config,
    /// What happens to each post.
    pub plan: &'a Plan,
    /// The uploaded files.
    pub media: &'a Media,
    /// The files of the site.
    pub files: &'a Files<'a>,
}

/// A post and its comments, converted.
struct Output {
    post: Option<String>,
    blocks: Vec<CommentBlock>,
    report: Report,
}

impl Writer<'_> {
    /// Writes all posts and their threads.
    pub fn posts(&self, store: &mut Store, ledger: &mut Ledger) -> io::Result<()> {
        let mut texts = store.texts()?;
        let converter = Converter::new(&self.config.markdown);
        let mut report = std::mem::take(&mut store.report);
        let threads = store.threads_with_comments();
        let numbers: Vec<usize> = (0..store.posts.len()).collect();
        for chunk in numbers.chunks(CHUNK) {
            let mut work: Vec<(usize, Post, Vec<Comment>)> = Vec::with_capacity(chunk.len());
            for &number in chunk {
                let entry = &store.posts[number];
                let places = threads.get(&ThreadKey::Post(entry.key.clone())).copied().unwrap_or_default();
                if self.plan.posts[number].is_none() {
                    for place in places {
                        let reason = "their post is left out".to_owned();
                        report.leave_out(
                            Omission { class: ItemKind::Comments, reason, is_loss: false },
                            format!("{place}"),
                        );
                    }
                    continue;
                }
                let mut post = texts.post(entry)?;
                store.complete(&mut post);
                work.push((number, post, texts.comments(places)?));
            }
            let outputs: Vec<Output> = work
                .into_par_iter()
                .map(|(number, post, comments)| {
                    self.convert(store, &converter, self.plan.posts[number].as_ref(), &post, comments)
                })
                .collect();
            let kept = chunk.iter().filter_map(|&number| Some((number, self.plan.posts[number].as_ref()?)));
            for ((number, planned), output) in kept.zip(outputs) {
                let entry = &store.posts[number];
                report.add(output.report);
                if let Some(text) = &output.post {
                    let key = format!("post:{}", entry.key);
                    let outcome = self.files.write(&key, &planned.file, text.as_bytes(), ledger, &mut report)?;
                    if outcome.is_written() {
                        report.write(entry.class(), 1);
                    } else {
                        report.leave_out(kept_as_edited(entry.class()), planned.file.clone());
                    }
                }
                self.thread(&format!("comments:{}", entry.key), &planned.file, output.blocks, ledger, &mut report)?;
            }
        }
        drop(threads);
        store.report = report;
        Ok(())
    }

    /// Writes the thread of a document.
    pub fn thread(
        &self,
        key: &str,
        document: &str,
        blocks: Vec<CommentBlock>,
        ledger: &mut Ledger,
        report: &mut Report,
    ) -> io::Result<()> {
        if blocks.is_empty() {
            return Ok(());
        }
        let stem = document.strip_suffix(".md").unwrap_or(document);
        let text = threads::file(&blocks);
        let path =
            ledger.0.get(key).map_or_else(|| free_thread(self.options, stem, key, &text), |entry| entry.path.clone());
        let outcome = self.files.write(key, &path, text.as_bytes(), ledger, report)?;
        let mut ids = ledger.0.get(key).map(|entry| entry.ids.clone()).unwrap_or_default();
        let before = ids.clone();
        let known: FxHashSet<&str> = before.split_whitespace().collect();
        if !outcome.is_written() {
            self.add_to_edited(stem, &path, &blocks, &known, report)?;
        }
        for block in blocks.iter().filter(|block| !known.contains(block.id.as_str())) {
            if !ids.is_empty() {
                ids.push(' ');
            }
            ids.push_str(&block.id);
        }
        ledger.0.entry(key.to_owned()).or_default().ids = ids;
        Ok(())
    }

    /// Puts comments that are new in the source beside a thread file that an author has edited.
    fn add_to_edited(
        &self,
        stem: &str,
        path: &str,
        blocks: &[CommentBlock],
        known: &FxHashSet<&str>,
        report: &mut Report,
    ) -> io::Result<()> {
        let text = std::fs::read_to_string(self.options.root.join(path)).unwrap_or_default();
        let source = crate::diagnostic::SourceText { path: path.into(), text: text.into() };
        let present = crate::content::parse_thread(&source).0;
        let mut there: FxHashSet<String> = present.comments.iter().filter_map(|comment| comment.id.clone()).collect();
        there.extend(
            known
                .iter()
                .filter(|id| self.options.root.join(format!("{stem}.comments/{id}.md")).exists())
                .map(|id| (*id).to_owned()),
        );
        for block in blocks.iter().filter(|block| !known.contains(block.id.as_str())) {
            // A parent that the author has deleted cannot be answered.
            let text = match &block.reply_to {
                Some(parent) if !there.contains(parent) => {
                    block.text.replacen(&format!("reply_to = {}\n", toml_text::text(parent)), "", 1)
                }
                _ => block.text.clone(),
            };
            there.insert(block.id.clone());
            let path = format!("{stem}.comments/{}.md", block.id);
            if !self.files.dry_run {
                self.files.put(&path, text.as_bytes())?;
            }
            *report.files.entry("created").or_default() += 1;
        }
        Ok(())
    }

    fn convert(
        &self,
        store: &Store,
        converter: &Converter,
        planned: Option<&PlannedPost>,
        post: &Post,
        comments: Vec<Comment>,
    ) -> Output {
        let mut report = Report::default();
        let zone = |date: &str| self.options.date(date);
        let missing = RefCell::new(Vec::new());
        let rewrite = |url: &str| self.rewrite(store, url, post, &missing);
        let Some(planned) = planned else { return Output { post: None, blocks: Vec::new(), report } };
        let converted = converter.post(&post.body, &rewrite);
        self.note(&planned.file, &converted, &mut report);
        for link in missing.into_inner() {
            report.concern(Concern::Anchors, format!("{}: {link}", planned.file));
        }
        let author = post.authors.first().and_then(|key| store.authors.get(key));
        let names = post.authors.iter().map(|key| store.authors.get(key).map_or(key.as_str(), |author| &author.name));
        let names: Vec<String> = names.map(public_name).filter(|name| !name.is_empty()).collect();
        let mut text = self.front_matter(post, planned, &names, &mut report);
        let relative = planned.file.strip_prefix("content/").unwrap_or(&planned.file);
        if self.config.skip_content_templating.is_match(relative) {
            text.push_str(&converted.markdown);
        } else {
            text.push_str(&html::escape_templates(&converted.markdown));
        }
        text.push('\n');
        let date = post.date.as_deref().map(zone);
        let of = PostOfThread {
            name: &planned.file,
            date: date.as_deref(),
            author: author.and_then(|author| author.user.as_deref()),
            commenters: Some(&store.commenters),
            copies: None,
        };
        let blocks = threads::blocks(comments, &of, &zone, &mut report);
        Output { post: Some(text), blocks, report }
    }

    fn note(&self, file: &str, converted: &Conversion, report: &mut Report) {
        if converted.differs {
            report.concern(Concern::Differs, file.to_owned());
        }
        if converted.unconverted > 0 {
            report.concern(Concern::Unconverted, format!("{file}: {}", converted.unconverted));
        }
        let cleaned = converted.cleaned;
        if cleaned.removed + cleaned.frames > 0 {
            report.concern(
                Concern::Removed,
                format!("{file}: {} removed, {} became links", cleaned.removed, cleaned.frames),
            );
        }
        let uploads = format!("{}/wp-content/uploads/", self.media.host());
        // The pictures of Blogger lie on Google's servers; those of Ghost have no host in its export.
        let places = [uploads.as_str(), "blogger.googleusercontent.com/", "bp.blogspot.com/", "](/content/images/"];
        if places.iter().any(|place| converted.markdown.contains(place)) {
            report.concern(Concern::Media, file.to_owned());
        }
    }

    fn front_matter(&self, post: &Post, planned: &PlannedPost, authors: &[String], report: &mut Report) -> String {
        let mut out = format!("+++\ntitle = {}\n", toml_text::text(&post.title));
        let date = post.date.as_deref().map(|date| self.options.date(date));
        match &date {
            Some(date) => {
                let _ = writeln!(out, "date = {date}");
            }
            None if !planned.is_draft && post.kind == PostKind::Post => {
                report.concern(Concern::Dates, format!("{}: no date", planned.file));
            }
            None => {}
        }
        let updated = post.updated.as_deref().map(|date| self.options.date(date));
        if let (Some(date), Some(updated)) = (&date, &updated)
            && updated.get(..10) > date.get(..10)
        {
            let _ = writeln!(out, "updated = {updated}");
        }
        if planned.is_draft {
            let _ = writeln!(out, "draft = true");
        }
        if !post.excerpt.is_empty() {
            let _ = writeln!(out, "description = {}", toml_text::text(&post.excerpt));
        }
        if let Some(path) = &planned.path {
            let _ = writeln!(out, "path = {}", toml_text::text(path));
        }
        let aliases = self.aliases(post, planned);
        if !aliases.is_empty() {
            let _ = writeln!(out, "aliases = {}", toml_text::list(aliases.iter().map(String::as_str)));
        }
        if !authors.is_empty() {
            let _ = writeln!(out, "authors = {}", toml_text::list(authors.iter().map(String::as_str)));
        }
        if !post.comments_open {
            out.push_str("comments = \"closed\"\n");
        }
        self.terms(post, &mut out, report);
        out.push_str("+++\n\n");
        out
    }

    /// The old addresses of a post: those before a slug was changed stand in the same folder.
    fn aliases(&self, post: &Post, planned: &PlannedPost) -> Vec<String> {
        let mut aliases = planned.aliases.clone();
        let address = planned.path.as_ref().or(planned.aliases.first());
        for slug in &post.former_slugs {
            let folder = address.and_then(|address| address.rsplit_once('/')).map_or("", |(folder, _)| folder);
            let slug = percent_encoding::percent_decode_str(slug).decode_utf8_lossy();
            let alias = if folder.is_empty() { slug.into_owned() } else { format!("{folder}/{slug}") };
            if address.is_some()
                && crate::site::is_plain(&alias)
                && Some(&alias) != address
                && !aliases.contains(&alias)
            {
                aliases.push(alias);
            }
        }
        for alias in &post.aliases {
            let Some(alias) = split(alias).map(|alias| alias.path).filter(|alias| !alias.is_empty()) else { continue };
            if crate::site::is_plain(&alias) && Some(&alias) != planned.path.as_ref() && !aliases.contains(&alias) {
                aliases.push(alias);
            }
        }
        aliases
    }

    fn terms(&self, post: &Post, out: &mut String, report: &mut Report) {
        let known = &self.config.default_language().taxonomies;
        let mut tables = [("taxonomies", Vec::new()), ("extra", Vec::new())];
        for term in &post.terms {
            let is_known = known.iter().any(|taxonomy| taxonomy.name == term.taxonomy);
            let table = &mut tables[usize::from(!is_known)].1;
            match table.iter_mut().find(|(name, _): &&mut (&str, Vec<&str>)| *name == term.taxonomy) {
                Some((_, names)) => names.push(term.name.as_str()),
                None => table.push((term.taxonomy.as_str(), vec![term.name.as_str()])),
            }
        }
        for (table, names) in tables {
            if names.is_empty() {
                continue;
            }
            let _ = write!(out, "\n[{table}]\n");
            for (name, terms) in names {
                let _ = writeln!(out, "{} = {}", toml_text::key(name), toml_text::list(terms));
                if table == "extra" {
                    let hint = format!(
                        "`{name}`: add {{ name = \"{name}\" }} to `taxonomies` in site.toml and import again; until then its terms stand under [extra]"
                    );
                    report.concern_once(Concern::Taxonomies, hint);
                }
            }
        }
    }
}

/// The file of a thread, beside those that are there.
fn free_thread(options: &Options, stem: &str, key: &str, text: &str) -> String {
    let path = format!("{stem}.comments.md");
    // An import that stopped may have written it already.
    match std::fs::read(options.root.join(&path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path,
        Ok(present) if present.is_empty() || present == text.as_bytes() => path,
        _ => format!("{stem}.comments/imported-{}.md", slug::slugify(key)),
    }
}

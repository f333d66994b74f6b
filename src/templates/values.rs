//! Pages, sections, terms and comments as templates see them: with Zola's names, and ours for the talk.

use rustc_hash::FxHashMap;
use serde::Serialize;
use tera::value::Key;
use tera::{Map, Value};

use super::body::Body;
use super::facets::Facets;
use crate::config::{self, comments::Avatars};
use crate::markdown::render_comment;
use crate::site::avatar::identicon;
use crate::site::plan::COMMENT_FEED;
use crate::site::thread::Comment;
use crate::site::{Asset, Content, ContentId, Page, Section, Site, Talk, Taxonomy, Term};

/// The fields of a page or section, to which facets add theirs. What has the same ones always is a struct that is
/// serialized, which asks for the place of each only once.
pub(super) struct Fields(Map);

/// As many fields as a page has, of which there are many.
const ROOM: usize = 28;

impl Default for Fields {
    fn default() -> Self {
        Self(Map::with_capacity(ROOM))
    }
}

impl Fields {
    /// The fields of a map that is there already.
    pub(super) fn of(map: &Value) -> Self {
        Self(map.as_map().cloned().unwrap_or_default())
    }

    /// Sets a field: in its place, or behind the others if there is none of that name.
    pub(super) fn set(&mut self, key: &'static str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(Key::Str(key), value.into());
        self
    }
}

impl From<Fields> for Value {
    fn from(Fields(fields): Fields) -> Self {
        fields.into()
    }
}

/// What everybody sees of a page or section.
pub(super) fn meta(site: &Site, id: ContentId) -> Value {
    let mut fields = Fields::default();
    common(&mut fields, site, site.content(id));
    match id {
        ContentId::Page(id) => page(&mut fields, site.page(id)),
        ContentId::Section(id) => section(&mut fields, site, site.section(id)),
    }
    fields.into()
}

/// That and some facets more. `whole` are its rendered Markdown and its comments, if those are among them.
pub(super) fn with_facets(
    site: &Site,
    id: ContentId,
    meta: &Value,
    facets: Facets,
    whole: Option<(&Body, &Comments)>,
) -> Fields {
    let content = site.content(id);
    let mut fields = Fields::of(meta);
    if facets.contains(Facets::LENGTH) {
        fields.set("word_count", content.words).set("reading_time", content.reading_time);
    }
    if facets.contains(Facets::TALK) {
        fields.set("comments", comments(site, id, whole.map(|(_, comments)| comments)));
    }
    if let Some((body, _)) = whole {
        fields.set("content", body.html.as_str()).set("toc", Value::from_serializable(&body.toc));
        if matches!(id, ContentId::Page(_)) {
            fields.set("summary", body.summary.as_deref());
        }
    }
    fields
}

fn common(fields: &mut Fields, site: &Site, content: &Content) {
    let ancestors: Vec<&str> = content.ancestors.iter().map(|&id| site.section(id).content.file.relative()).collect();
    fields
        .set("relative_path", content.file.relative())
        .set("colocated_path", content.file.colocated_path.as_deref())
        .set("path", content.path.as_str())
        .set("permalink", content.permalink.as_str())
        .set("components", strings(&content.components))
        .set("ancestors", ancestors.into_iter().map(Value::from).collect::<Vec<_>>())
        .set("lang", content.lang())
        .set("assets", content.assets.iter().map(|asset| asset_url(content, asset)).collect::<Vec<_>>())
        .set("translations", content.translations.iter().map(|&id| translation(site, id)).collect::<Vec<_>>())
        .set("backlinks", content.backlinks.iter().map(|&id| backlink(site, id)).collect::<Vec<_>>())
        .set("content", "")
        .set("toc", Vec::<Value>::new());
}

fn asset_url(content: &Content, asset: &Asset) -> Value {
    Value::from(format!("{}{}", content.path, asset.name))
}

fn page(fields: &mut Fields, page: &Page) {
    let meta = &page.meta;
    let taxonomies: Map = meta.taxonomies.iter().map(|(name, terms)| (name.clone().into(), strings(terms))).collect();
    let date = meta.date.as_ref();
    fields
        .set("title", meta.title.as_deref())
        .set("description", meta.description.as_deref())
        .set("date", date.map(|moment| moment.text.as_str()))
        .set("year", date.map(|moment| moment.year))
        .set("month", date.map(|moment| moment.month))
        .set("day", date.map(|moment| moment.day))
        .set("updated", meta.updated.as_ref().map(|moment| moment.text.as_str()))
        .set("slug", page.slug.as_str())
        .set("draft", meta.draft)
        .set("authors", strings(&meta.authors))
        .set("taxonomies", taxonomies)
        .set("weight", meta.weight)
        .set("extra", Value::from_serializable(&meta.extra))
        .set("summary", Value::none())
        .set("lower", Value::none())
        .set("higher", Value::none());
}

fn section(fields: &mut Fields, site: &Site, section: &Section) {
    let meta = &section.meta;
    let subsections: Vec<Value> =
        section.subsections.iter().map(|&id| Value::from(site.section(id).content.file.relative())).collect();
    fields
        .set("title", meta.title.as_deref())
        .set("description", meta.description.as_deref())
        .set("draft", meta.draft)
        .set("extra", Value::from_serializable(&meta.extra))
        .set("subsections", subsections)
        .set("generate_feeds", meta.generate_feeds)
        .set("transparent", meta.transparent)
        .set("paginate_by", meta.paginate_by)
        .set("paginate_reversed", meta.paginate_reversed)
        .set("pages", Vec::<Value>::new());
}

fn strings(list: &[String]) -> Value {
    list.iter().map(|text| Value::from(text.as_str())).collect::<Vec<_>>().into()
}

fn translation(site: &Site, id: ContentId) -> Value {
    #[derive(Serialize)]
    struct Translation<'a> {
        lang: &'a str,
        permalink: &'a str,
        title: Option<&'a str>,
        path: &'a str,
    }
    let content = site.content(id);
    Value::from_serializable(&Translation {
        lang: content.lang(),
        permalink: &content.permalink,
        title: site.title(id),
        path: content.file.relative(),
    })
}

/// The address and title of a page or section.
pub(super) fn backlink(site: &Site, id: ContentId) -> Value {
    #[derive(Serialize)]
    struct Backlink<'a> {
        permalink: &'a str,
        title: Option<&'a str>,
    }
    Value::from_serializable(&Backlink { permalink: &site.content(id).permalink, title: site.title(id) })
}

/// The talk under a page or section.
fn comments(site: &Site, id: ContentId, made: Option<&Comments>) -> Value {
    #[derive(Serialize)]
    struct Talking {
        enabled: bool,
        open: bool,
        count: usize,
        feed: Option<String>,
        threads: Vec<Value>,
    }
    let content = site.content(id);
    let thread = &content.thread;
    let count = thread.count();
    Value::from_serializable(&Talking {
        enabled: content.talk != Talk::Off,
        open: content.talk == Talk::Open,
        count,
        feed: (count > 0).then(|| format!("{}{COMMENT_FEED}", content.permalink)),
        threads: made.map_or_else(Vec::new, |made| made.some(&thread.roots)),
    })
}

/// Comments of one thread, as templates see them, by their indices.
pub(super) struct Comments {
    /// Whose they are.
    pub content: ContentId,
    made: FxHashMap<usize, Value>,
}

impl Comments {
    /// All comments on a page or section.
    pub(super) fn on(site: &Site, id: ContentId) -> Self {
        Self::from(site, id, &site.content(id).thread.roots)
    }

    /// Some of them, and everything below.
    pub(super) fn from(site: &Site, id: ContentId, indices: &[usize]) -> Self {
        let content = site.content(id);
        let page = backlink(site, id);
        let mut this = Self { content: id, made: FxHashMap::default() };
        // The leaves first, as a comment holds its replies.
        for index in content.thread.below(indices).into_iter().rev() {
            if !this.made.contains_key(&index) {
                let written = &content.thread.comments[index];
                let replies = this.some(&written.replies);
                this.made.insert(index, comment(site, content, written, &page, replies));
            }
        }
        this
    }

    /// Some of them.
    pub(super) fn some(&self, indices: &[usize]) -> Vec<Value> {
        indices.iter().filter_map(|index| self.made.get(index).cloned()).collect()
    }
}

/// One comment, with the page or section that it is on.
fn comment(site: &Site, content: &Content, this: &Comment, page: &Value, replies: Vec<Value>) -> Value {
    #[derive(Serialize)]
    struct Answered<'a> {
        author: &'a str,
        permalink: String,
    }
    #[derive(Serialize)]
    struct Said<'a> {
        id: &'a str,
        number: usize,
        anchor: String,
        permalink: String,
        kind: &'a str,
        author: &'a str,
        url: Option<&'a str>,
        avatar: Value,
        date: String,
        content: Value,
        depth: usize,
        by_author: bool,
        pending: bool,
        reply_to: Option<Answered<'a>>,
        replies: Vec<Value>,
        page: &'a Value,
    }
    Value::from_serializable(&Said {
        id: &this.id,
        number: this.number,
        anchor: ["comment-", &this.id].concat(),
        permalink: address(content, this),
        kind: this.written.kind.as_str(),
        author: this.author(),
        url: this.written.url.as_deref(),
        avatar: match site.config.comments.avatars {
            Avatars::Identicon => Value::safe_string(&identicon(this.author())),
            Avatars::None => Value::none(),
        },
        date: this.date.rfc3339(),
        content: Value::safe_string(&render_comment(&this.written.body)),
        depth: this.depth,
        by_author: this.by_author,
        pending: this.is_pending(),
        reply_to: this.reply_to.map(|index| {
            let other = &content.thread.comments[index];
            Answered { author: other.author(), permalink: address(content, other) }
        }),
        replies,
        page,
    })
}

fn address(content: &Content, comment: &Comment) -> String {
    [&content.permalink, "#comment-", &comment.id].concat()
}

/// A term with its pages.
pub(super) fn term(term: &Term, pages: Vec<Value>) -> Value {
    #[derive(Serialize)]
    struct Listed<'a> {
        name: &'a str,
        slug: &'a str,
        path: &'a str,
        permalink: &'a str,
        page_count: usize,
        pages: Vec<Value>,
    }
    let Term { name, slug, path, permalink, pages: all } = term;
    Value::from_serializable(&Listed { name, slug, path, permalink, page_count: all.len(), pages })
}

/// A taxonomy with its terms.
pub(super) fn taxonomy(taxonomy: &Taxonomy, terms: &[Value]) -> Value {
    #[derive(Serialize)]
    struct Listed<'a> {
        kind: &'a config::Taxonomy,
        lang: &'a str,
        permalink: &'a str,
        items: &'a [Value],
    }
    let Taxonomy { kind, lang, permalink, .. } = taxonomy;
    Value::from_serializable(&Listed { kind, lang, permalink, items: terms })
}

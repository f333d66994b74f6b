//! The values of pages and sections: front matter, addresses and relations.

use serde::{Serialize, Serializer};

use super::fields::FieldSink;
use crate::config::{Network, split_origin};
use crate::content::{Discussion, Reaction};
use crate::site::{Asset, Content, ContentId, Page, Section, Site};

pub(super) fn describe_common(fields: &mut impl FieldSink, site: &Site, id: ContentId) {
    let (content, original) = (site.content(id), site.original(id));
    let ancestors: Vec<&str> = content.ancestors.iter().map(|&id| site.section(id).content.file.relative()).collect();
    fields.set("relative_path", content.file.relative());
    fields.set("colocated_path", &content.file.colocated_path);
    fields.set("path", &content.path);
    fields.set("permalink", &content.permalink);
    fields.set("components", &content.components);
    fields.set("ancestors", &ancestors);
    fields.set("lang", content.lang());
    fields.set("assets", &content.assets.iter().map(|asset| asset_url(content, asset)).collect::<Vec<_>>());
    fields.set("translations", &content.translations.iter().map(|&id| translation(site, id)).collect::<Vec<_>>());
    fields.set("original", &original.map(|id| translation(site, id)));
    fields.set("backlinks", &content.backlinks.iter().map(|&id| backlink(site, id)).collect::<Vec<_>>());
    fields.set("content", "");
    fields.set("toc", &[(); 0]);
}

fn asset_url(content: &Content, asset: &Asset) -> String {
    [content.folder.as_str(), &asset.name].concat()
}

pub(super) fn describe_page(fields: &mut impl FieldSink, page: &Page) {
    let meta = &page.meta;
    let date = meta.date.as_ref();
    fields.set("title", &meta.title);
    fields.set("description", &meta.description);
    fields.set("date", &date.map(|moment| &moment.text));
    fields.set("year", &date.map(|moment| moment.year));
    fields.set("month", &date.map(|moment| moment.month));
    fields.set("day", &date.map(|moment| moment.day));
    fields.set("updated", &meta.updated.as_ref().map(|moment| &moment.text));
    fields.set("slug", &page.slug);
    fields.set("draft", &meta.draft);
    fields.set("scheduled", &page.is_scheduled);
    fields.set("authors", &meta.authors);
    fields.set("taxonomies", &meta.taxonomies);
    fields.set("weight", &meta.weight);
    fields.set("discussions", &meta.discussions.iter().map(discussion).collect::<Vec<_>>());
    fields.set("reactions", &page.content.thread.reactions.iter().map(reaction).collect::<Vec<_>>());
    fields.set("extra", &ExtraFields(&meta.extra));
    fields.set("summary", &None::<&str>);
    fields.set("lower", &None::<&str>);
    fields.set("higher", &None::<&str>);
}

pub(super) fn describe_section(fields: &mut impl FieldSink, site: &Site, section: &Section) {
    let meta = &section.meta;
    let subsections: Vec<&str> =
        section.subsections.iter().map(|&id| site.section(id).content.file.relative()).collect();
    fields.set("title", &meta.title);
    fields.set("description", &meta.description);
    fields.set("draft", &meta.draft);
    fields.set("extra", &ExtraFields(&meta.extra));
    fields.set("subsections", &subsections);
    fields.set("generate_feeds", &(meta.generate_feeds && site.config.has_origin()));
    fields.set("transparent", &meta.transparent);
    fields.set("paginate_by", &meta.paginate_by);
    fields.set("paginate_reversed", &meta.paginate_reversed);
    fields.set("pages", &[(); 0]);
}

/// The `extra` table of front matter.
struct ExtraFields<'a>(&'a serde_json::Map<String, serde_json::Value>);

impl Serialize for ExtraFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.0.serialize(serializer)
        } else {
            // In the bytes of a fingerprint, `0` and `""` would be the same.
            serde_json::to_string(self.0).unwrap_or_default().serialize(serializer)
        }
    }
}

/// Where a page is discussed.
#[derive(Serialize)]
struct DiscussionView<'a> {
    network: &'static str,
    name: &'static str,
    url: &'a str,
}

fn discussion(discussion: &Discussion) -> DiscussionView<'_> {
    let Discussion { network, url } = discussion;
    DiscussionView { network: network.key(), name: network.name(), url }
}

/// How often a page was liked and passed on in one place. Other sites have no name.
#[derive(Serialize)]
struct ReactionView<'a> {
    network: &'static str,
    name: Option<&'a str>,
    url: Option<&'a str>,
    likes: usize,
    reposts: usize,
}

fn reaction(reaction: &Reaction) -> ReactionView<'_> {
    let Reaction { network, url, likes, reposts } = reaction;
    // A place that is no network has the name of its host.
    let host = || split_origin(url.as_deref()?).0.split_once("://").map(|(_, host)| host);
    let name = network.map(Network::name).or_else(host);
    ReactionView { network: reaction.key(), name, url: url.as_deref(), likes: *likes, reposts: *reposts }
}

/// One translation of a page or section.
#[derive(Serialize)]
struct Translation<'a> {
    lang: &'a str,
    permalink: &'a str,
    title: Option<&'a str>,
    path: &'a str,
}

fn translation(site: &Site, id: ContentId) -> Translation<'_> {
    let content = site.content(id);
    Translation {
        lang: content.lang(),
        permalink: &content.permalink,
        title: site.title(id),
        path: content.file.relative(),
    }
}

/// The address and title of a page or section.
#[derive(Serialize)]
pub(super) struct Backlink<'a> {
    permalink: &'a str,
    title: Option<&'a str>,
}

pub(super) fn backlink(site: &Site, id: ContentId) -> Backlink<'_> {
    Backlink { permalink: &site.content(id).permalink, title: site.title(id) }
}

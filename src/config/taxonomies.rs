//! `taxonomies`: the ways in which a site groups its pages.

use serde::Serialize;

use super::slugify::Slugify;
use crate::diagnostic::Diagnostic;
use crate::source::Table;

/// One way to group pages: tags, categories, authors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Taxonomy {
    /// Its name in front matter and templates.
    pub name: String,
    /// Its part of addresses, made from the name.
    pub slug: String,
    /// How many pages a page of a term lists; all where it is none or 0.
    pub paginate_by: Option<usize>,
    /// The folder of further pages of a term. Default: `page`.
    pub paginate_path: Option<String>,
    /// Whether it has pages of its own. Default: true.
    pub render: bool,
    /// Whether each term has a feed. Default: false.
    pub feed: bool,
}

impl Taxonomy {
    /// How many pages a page of a term lists, if not all.
    pub fn page_size(&self) -> Option<usize> {
        self.paginate_by.filter(|size| *size > 0)
    }

    /// The folder of further pages of a term.
    pub fn page_folder(&self) -> &str {
        self.paginate_path.as_deref().unwrap_or("page")
    }

    fn read(table: &mut Table, slugify: &Slugify, language: &str) -> Option<Self> {
        let reading = table.reading();
        let name = table.spanned::<String>("name");
        let taxonomy = Self {
            slug: name.as_ref().map(|(name, _)| slugify.taxonomy(name)).unwrap_or_default(),
            name: name.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
            paginate_by: table.get("paginate_by"),
            paginate_path: table.get("paginate_path"),
            render: table.get_or("render", true),
            feed: table.get_or("feed", false),
        };
        if let Some((lang, span)) = table.spanned::<String>("lang")
            && lang != language
        {
            let message = format!("this taxonomy is for the language `{language}`, whatever `lang` says");
            let help = format!("move it into the `taxonomies` of [languages.{lang}]");
            reading.problem(Diagnostic::warning(message).at(reading.at(span)).help(help));
        }
        match name {
            None => {
                if !table.has("name") {
                    let help = "for example: { name = \"tags\" }";
                    reading.error(table.span(), "this taxonomy has no name", help);
                }
                None
            }
            Some((name, span)) if taxonomy.slug.trim_matches('.').is_empty() || name.contains(['/', '\\']) => {
                let message = format!("`{name}` cannot be a taxonomy's name, as it gives no address");
                reading.error(span, message, "use letters or digits, and no slashes");
                None
            }
            Some(_) => Some(taxonomy),
        }
    }
}

/// Reads the `taxonomies` of one language; none where the key is missing.
pub(super) fn read(table: &mut Table, slugify: &Slugify, language: &str) -> Option<Vec<Taxonomy>> {
    let reading = table.reading();
    let mut taxonomies: Vec<(Taxonomy, std::ops::Range<usize>)> = Vec::new();
    for mut entry in table.tables("taxonomies")? {
        let span = entry.span();
        let taxonomy = Taxonomy::read(&mut entry, slugify, language);
        entry.close();
        let Some(taxonomy) = taxonomy else { continue };
        if let Some((first, place)) = taxonomies.iter().find(|(other, _)| other.slug == taxonomy.slug) {
            let message = if first.name == taxonomy.name {
                format!("there are two taxonomies `{}`", taxonomy.name)
            } else {
                let (one, two) = (&first.name, &taxonomy.name);
                format!("the taxonomies `{one}` and `{two}` have the same address, `{}`", taxonomy.slug)
            };
            reading.problem(
                Diagnostic::error(message)
                    .at(reading.at(span))
                    .related("the first is here", reading.at(place.clone()))
                    .help("give each taxonomy of a language a name of its own"),
            );
            continue;
        }
        taxonomies.push((taxonomy, span));
    }
    Some(taxonomies.into_iter().map(|(taxonomy, _)| taxonomy).collect())
}

//! Addresses.

use percent_encoding::percent_decode_str;
use tera::{Kwargs, State, TeraResult, Value};

use super::content::{find, missing_content_error, translated_paths, unknown_language_error, without_language};
use super::hashes::{Digest, hash_of_file};
use super::{language, language_argument};
use crate::config::{Mode, encode_path, is_whole_url};
use crate::site::is_odd;
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// How many hexadecimal digits of a file's hash an address contains: 80 bits, so that two versions of a file never have
/// the same.
const CACHEBUST_DIGITS: usize = 20;

/// `get_url(path, lang?, trailing_slash?, cachebust?)`: the address of a page (`@/posts/my-post.md`), or of any path on
/// the site (`css/app.css`). The address of another site stays as it is. `cachebust` adds `?h=` and a hash of the file.
pub(super) fn get_url(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let library = &reader.library;
    let path = kwargs.must_get::<&str>("path")?;
    let config = &library.site.config;
    let requested_lang = language_argument(&kwargs)?;
    if let Some(lang) = requested_lang.as_deref().filter(|lang| config.language(lang).is_none()) {
        return Err(unknown_language_error(config, lang));
    }
    reader.record(Dependency::Config);
    if let Some(internal) = path.strip_prefix("@/") {
        let lang = language(&reader, &kwargs, state)?;
        return internal_url(&reader, internal, requested_lang.is_some(), &lang);
    }

    // A menu can link to other sites as well.
    if is_whole_url(path) {
        return Ok(safe_url(path));
    }
    let trailing_slash = kwargs.get("trailing_slash")?.unwrap_or(false);
    // As in Zola, the home page of another language keeps its slash, which its address has.
    let mut is_home = false;
    let is_root = path == "/";
    let path = path.trim_start_matches('/');
    let path = match requested_lang.as_deref().filter(|lang| !config.is_default_language(lang)) {
        Some(lang) if path.split('/').next() != Some(lang) => {
            is_home = is_root;
            format!("{lang}/{path}")
        }
        _ => path.to_owned(),
    };
    let mut url = match literal_prefix_len(&reader, &path) {
        0 => config.written_permalink(&path),
        end if end == path.len() => config.permalink(&path),
        end => config.written_permalink(&format!("{}{}", encode_path(&path[..end]), &path[end..])),
    };
    // Without a host, the root is its slash.
    if !trailing_slash && !is_home && url.len() > 1 && url.ends_with('/') {
        url.pop();
    }
    // In the preview, browsers revalidate every file. A hash of the style sheet would reload every page where replacing
    // the style is enough.
    let has_hash = library.mode != Mode::Serve;
    if kwargs.get("cachebust")?.unwrap_or(false) && has_hash {
        let hash = hash_of_file(&reader, &path, Digest::Sha256)?.hex();
        url = format!("{url}?h={}", &hash[..CACHEBUST_DIGITS]);
    }
    Ok(safe_url(&url))
}

/// Returns the length of the prefix of a path that is the literal name of something on the site.
fn literal_prefix_len(reader: &Reader, path: &str) -> usize {
    if !is_odd(path) {
        return 0;
    }
    reader.record(Dependency::PathName(path.to_owned()));
    reader.library.site.named_part(path)
}

/// Returns the address of the page or section at a path below `content/`, in a language. A path that names a language
/// itself, as in `post.fr.md`, means that file, unless another language is requested.
fn internal_url(reader: &Reader, path: &str, has_lang_argument: bool, lang: &str) -> TeraResult<Value> {
    let site = &reader.library.site;
    let (file, anchor) = path.split_at(path.find('#').unwrap_or(path.len()));
    // Without `slugify` a link in Markdown is percent-encoded, and a template can pass it on.
    let file = percent_decode_str(file).decode_utf8_lossy();
    let own_language = file.strip_suffix(".md").filter(|stem| without_language(&site.config, stem).is_some());
    let content = match own_language {
        Some(_) if !has_lang_argument => {
            reader.record(Dependency::Permalink(file.to_string()));
            site.at_file(&file)
        }
        _ => find(reader, &translated_paths(&site.config, &file, lang), lang),
    };
    match content {
        Some(id) => Ok(safe_url(&format!("{}{anchor}", site.content(id).permalink))),
        None if site.at_file(&file).is_some() => Err(tera::Error::message(format!(
            "`@/{file}` is not written in the language `{lang}`; make `content/{}`, or name another language with \
             `lang=`",
            translated_paths(&site.config, &file, lang)[0],
        ))),
        None => Err(missing_content_error(&reader.library, "page or section", &file, |_| true)),
    }
}

/// Returns an address as a value that needs no escaping: characters that could end an attribute are percent-encoded,
/// and `&` stays, because scripts and feeds use addresses, too.
pub(super) fn safe_url(url: &str) -> Value {
    let mut safe = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '"' => safe.push_str("%22"),
            '\'' => safe.push_str("%27"),
            '<' => safe.push_str("%3C"),
            '>' => safe.push_str("%3E"),
            c => safe.push(c),
        }
    }
    Value::safe_string(&safe)
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::{blog, blog_with, site};

    #[test]
    fn addresses_of_paths() {
        let blog = blog();
        for (arguments, expected) in [
            ("path='css/app.css'", "https://blog.example/css/app.css"),
            ("path='/css/app.css'", "https://blog.example/css/app.css"),
            ("path='about', trailing_slash=true", "https://blog.example/about/"),
            ("path='/about/'", "https://blog.example/about"),
            ("path='/'", "https://blog.example"),
            ("path='/', trailing_slash=true", "https://blog.example/"),
            ("path='atom.xml', trailing_slash=true", "https://blog.example/atom.xml"),
            ("path='atom.xml', lang='fr'", "https://blog.example/fr/atom.xml"),
            ("path='/atom.xml', lang='fr'", "https://blog.example/fr/atom.xml"),
            ("path='/fr/posts/', lang='fr'", "https://blog.example/fr/posts"),
            ("path='/', lang='fr'", "https://blog.example/fr/"),
            ("path='/', lang='fr', trailing_slash=true", "https://blog.example/fr/"),
            ("path='', lang='fr'", "https://blog.example/fr"),
            ("path='/', lang='en'", "https://blog.example"),
            ("path='atom.xml', lang='en'", "https://blog.example/atom.xml"),
            ("path='search?a=1&b=2'", "https://blog.example/search?a=1&b=2"),
            ("path='app-${mode}.css'", "https://blog.example/app-${mode}.css"),
            ("path='a%7Bb%7d.css'", "https://blog.example/a%7Bb%7d.css"),
        ] {
            assert_eq!(blog.render(&format!("{{{{ get_url({arguments}) }}}}")).unwrap(), expected, "{arguments}");
        }
        // The language of the page does not matter for files.
        assert_eq!(blog.render_in("fr", "{{ get_url(path='a.css') }}").unwrap(), "https://blog.example/a.css");
    }

    #[test]
    fn files_with_odd_names_are_found() {
        let site = site(&[
            (
                "site.toml",
                "base_url = 'https://a.example'\ntaxonomies = [{ name = 'tags' }]\n\
                 [slugify]\npaths = 'off'\ntaxonomies = 'safe'",
            ),
            ("content/100%/index.md", "+++\n[taxonomies]\ntags = ['C#', 'R&B']\n+++\n"),
            ("content/100%/a%20b#1.jpg", ""),
            ("content/why?.md", "+++\n+++\n"),
            ("static/x#y.css", ""),
            ("static/x{y}.css", ""),
        ]);
        for (template, expected) in [
            ("{{ get_url(path='@/100%25/index.md') }}", "/100%25/"),
            ("{% set p = get_page(path='100%/index.md') %}{{ get_url(path=p.assets[0]) }}", "/100%25/a%2520b%231.jpg"),
            ("{% set p = get_page(path='why?.md') %}{{ get_url(path=p.path, trailing_slash=true) }}", "/why%3F/"),
            ("{{ get_url(path='why?/page/2?a=b#c') }}", "/why%3F/page/2?a=b#c"),
            ("{{ get_taxonomy_url(kind='tags', term='C#') }}", "/tags/C%23/"),
            ("{{ get_taxonomy_url(kind='tags', term='R&B') }}", "/tags/R%26B/"),
            ("{{ get_url(path='x#y.css') }}", "/x%23y.css"),
            ("{{ get_url(path='x{y}.css') }}", "/x{y}.css"),
            // These files do not exist.
            ("{{ get_url(path='x#z.css') }}", "/x#z.css"),
            ("{{ get_url(path='a b%20c%') }}", "/a%20b%20c%25"),
            ("{{ get_url(path='thé/?q=ü') }}", "/th%C3%A9/?q=%C3%BC"),
        ] {
            let rendered = site.render(template).unwrap();
            assert_eq!(rendered, format!("https://a.example{expected}"), "{template}");
        }
        assert!(site.dependencies("{{ get_url(path='x#z') }}").contains(&Dependency::PathName("x#z".into())));
        assert_eq!(site.dependencies("{{ get_url(path='x') }}"), [Dependency::Config]);
    }

    #[test]
    fn internal_links_lead_to_the_language_of_the_output() {
        let blog = blog();
        let (tea, thé) = ("https://blog.example/posts/tea/", "https://blog.example/fr/posts/tea/");
        for (lang, arguments, expected) in [
            ("en", "path='@/posts/tea.md'", tea.to_owned()),
            ("fr", "path='@/posts/tea.md'", thé.to_owned()),
            ("fr", "path='@/posts/tea.md', lang='en'", tea.to_owned()),
            ("en", "path='@/posts/tea.md#milk', lang='fr'", format!("{thé}#milk")),
            ("en", "path='@/posts/tea.fr.md'", thé.to_owned()),
            ("en", "path='@/posts%2Ftea.md'", tea.to_owned()),
            ("en", "path='@/_index.md'", "https://blog.example/".to_owned()),
        ] {
            assert_eq!(blog.render_in(lang, &format!("{{{{ get_url({arguments}) }}}}")).unwrap(), expected);
        }
        let dependencies = blog.dependencies("{{ get_url(path='@/posts/tea.md') }}");
        assert_eq!(dependencies, [Dependency::Config, Dependency::Permalink("posts/tea.md".into())]);
    }

    #[test]
    fn broken_links_are_errors() {
        let blog = blog();
        for (arguments, expected) in [
            ("path='@/posts/te.md'", "there is no page or section `posts/te.md`; did you mean `posts/tea.md`?"),
            (
                "path='@/posts/coffee.md', lang='fr'",
                "`@/posts/coffee.md` is not written in the language `fr`; make `content/posts/coffee.fr.md`",
            ),
            (
                "path='@/posts/tea.md', lang='it'",
                "the site has no language `it`; a language needs a table `[languages.it]` in `site.toml`",
            ),
            ("path='a.css', lang='it'", "the site has no language `it`"),
            ("path='css/ap.css', cachebust=true", "there is no file `css/ap.css`; did you mean `css/app.css`?"),
        ] {
            let error = blog.render(&format!("{{{{ get_url({arguments}) }}}}")).unwrap_err();
            assert!(error.contains(expected), "{arguments}: {error}");
        }
    }

    #[test]
    fn cachebust_is_the_beginning_of_the_hash_of_the_file() {
        let url = |site: &crate::templates::testing::TestSite| {
            site.render("{{ get_url(path='css/app.css', cachebust=true) }}").unwrap()
        };
        let hash = blog().render("{{ get_hash(path='css/app.css', sha_type=256, base64=false) }}").unwrap();
        assert_eq!(url(&blog()), format!("https://blog.example/css/app.css?h={}", &hash[..20]));
        assert_ne!(url(&blog()), url(&blog_with(&[("static/css/app.css", "changed")])));
    }

    #[test]
    fn generated_search_files_have_addresses() {
        let config = |format: &str| format!("base_url = 'https://a.example'\n[search]\nindex_format = '{format}'");
        let show = "{{ get_url(path='search_index.en.js', cachebust=true) }} \
                    {{ get_url(path='elasticlunr.min.js', cachebust=true) }}";
        let its_own = site(&[("site.toml", &config("elasticlunr_javascript"))]);
        let hash = its_own.render("{{ get_hash(path='/elasticlunr.min.js', sha_type=256, base64=false) }}").unwrap();
        let script = format!("https://a.example/elasticlunr.min.js?h={}", &hash[..20]);
        let shown = its_own.render(show).unwrap();
        assert!(shown.starts_with("https://a.example/search_index.en.js?h=") && shown.ends_with(&script), "{shown}");
        let file = ("static/elasticlunr.min.js", "of the theme");
        let theirs = site(&[("site.toml", &config("elasticlunr_javascript")), file]).render(show).unwrap();
        assert!(theirs.contains("/elasticlunr.min.js?h=") && !theirs.ends_with(&script), "{theirs}");
        assert!(site(&[("site.toml", &config("fuse_json"))]).render(show).is_err());
    }

    #[test]
    fn an_address_cannot_end_the_attribute_that_it_stands_in() {
        let rendered = blog().render(r#"{{ get_url(path="a'b<c>" ~ '"d') }}"#).unwrap();
        assert_eq!(rendered, "https://blog.example/a%27b%3Cc%3E%22d");
    }
}

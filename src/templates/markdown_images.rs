//! What Markdown's images tell a browser: the place that they take, and other sizes of them.

use super::Reader;
use super::link_check::site_path;
use crate::config::Images;
use crate::images::{self, ImageHeader, Operation, OutputFormat, ProcessedImage};
use crate::markdown::ImageAttributes;

/// What is known of an image on a page; none if it is no file of the site, or if nothing shall be said of it.
///
/// # Errors
/// The file is no image, or it is damaged.
pub(super) fn image_attributes(reader: &Reader, url: &str) -> Result<Option<ImageAttributes>, String> {
    let library = &reader.library;
    let config = &library.site.config;
    let Images { dimensions, responsive, .. } = config.images;
    if !dimensions && !responsive {
        return Ok(None);
    }
    let file = site_path(&config.base_url, url).and_then(|path| reader.published_file(&path));
    let Some(file) = file else { return Ok(None) };
    let header = library.image_header(&file).map_err(|error| error.to_string())?;
    let sources = if responsive { sources(reader, &file, &header)? } else { Vec::new() };
    let (width, height) = (header.width, header.height);
    Ok(Some(ImageAttributes { width, height, sources, sizes: config.images.sizes.clone() }))
}

/// Other sizes of an image as WebP: the addresses and widths. There are none of what is drawn, what moves, or what is small.
fn sources(reader: &Reader, file: &str, header: &ImageHeader) -> Result<Vec<(String, u32)>, String> {
    let library = &reader.library;
    let Images { widths, quality, .. } = &library.site.config.images;
    let is_small = widths.first().is_none_or(|&smallest| header.width <= smallest);
    if images::UNAVAILABLE.is_some() || !header.kind.can_be_decoded() || header.is_animated || is_small {
        return Ok(Vec::new());
    }
    let format = if header.kind.is_lossy() { OutputFormat::Webp(*quality) } else { OutputFormat::WebpLossless };
    let content = library.content_fingerprint_of_file(file).map_err(|error| error.to_string())?;
    // The image itself, if there is no larger size of it. Then one that is nearly as large is of no use: what is scaled by a
    // little is as large a file, or larger.
    let own = widths.last().is_some_and(|&largest| header.width <= largest).then_some(header.width);
    let most = own.map_or(header.width, |own| own / 5 * 4 + 1);
    let smaller = widths.iter().copied().filter(|&width| width < most);
    let make = |width: u32| {
        let image = ProcessedImage::new(file, content, header, Operation::FitWidth(width), format)?;
        Ok((library.site.config.address(&reader.request_image(image)), width))
    };
    smaller.chain(own).map(make).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::site::{ContentId, PageId};
    use crate::source::MemoryWorld;
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::{TestSite, site_in};

    /// A PNG of a size, without its pixels.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let size = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &size, &[0; 4]].concat()
    }

    fn site(file: &str, config: &str, text: &str) -> TestSite {
        let mut world = MemoryWorld::new();
        world.insert(file, format!("base_url = 'https://a.example/b'\n{config}"));
        world.insert("content/2020-01-02-Green Tea/index.md", format!("+++\ntitle = 'T'\n+++\n{text}\n"));
        world.insert("content/2020-01-02-Green Tea/le af.png", png(1000, 500));
        world.insert("content/2020-01-02-Green Tea/move.gif", b"GIF89a\xd0\x07\x10\0\0\0\0;".to_vec());
        world.insert("static/logo.svg", "<svg viewBox='0 0 40 50'/>");
        world.insert("static/broken.png", "no image");
        world.insert("static/small.png", png(300, 20));
        site_in(Arc::new(world))
    }

    fn html(site: &TestSite) -> String {
        site.library.render_body(ContentId::Page(PageId(0))).html
    }

    #[test]
    fn an_image_of_the_site_takes_its_place_before_it_is_loaded() {
        let lazy = |size: &str| format!("{size} loading=\"lazy\"");
        for (url, expected) in [
            ("le%20af.png", lazy("width=\"1000\" height=\"500\"")),
            ("./../green-tea/le%20af.png?v=2", lazy("width=\"1000\" height=\"500\"")),
            ("https://a.example/b/green-tea/le%20af.png", lazy("width=\"1000\" height=\"500\"")),
            ("/b/logo.svg", lazy("width=\"40\" height=\"50\"")),
            ("move.gif", lazy("width=\"2000\" height=\"16\"")),
            ("/logo.svg", String::new()),
            ("no.png", String::new()),
            ("https://a.example/logo.svg", String::new()),
            ("https://c.example/b/logo.svg", String::new()),
            ("data:image/gif;base64,R0lGODlhAQABAAAAACw=", String::new()),
        ] {
            let html = html(&site("site.toml", "", &format!("![a]({url})")));
            assert!(html.contains(format!("alt=\"a\" {expected}").trim_end()), "{url}: {html}");
            assert_eq!(html.contains("width"), !expected.is_empty(), "{html}");
        }
    }

    #[test]
    fn a_site_of_zola_s_is_as_before_unless_it_asks_for_more() {
        let text = "![a](le%20af.png)";
        assert!(!html(&site("zola.toml", "", text)).contains("width"));
        assert!(!html(&site("site.toml", "[images]\ndimensions = false", text)).contains("width"));
        assert!(html(&site("zola.toml", "[images]\ndimensions = true", text)).contains("width=\"1000\""));
        let html = html(&site("site.toml", "[markdown]\nlazy_async_image = true", text));
        assert!(html.contains("height=\"500\" loading=\"lazy\" decoding=\"async\" />"), "{html}");
    }

    #[test]
    fn a_browser_may_choose_among_sizes() {
        let config = "[images]\nresponsive = true\nwidths = [800, 400, 800, 1200]\nsizes = \"(width < 50rem) 100vw\"";
        let site = |text: &str| site("site.toml", config, text);
        let shown = html(&site("![a](le%20af.png)"));
        let sources = shown.split_once("srcset=\"").unwrap().1.split_once('"').unwrap().0;
        let sources: Vec<&str> = sources.split(", ").collect();
        assert_eq!(sources.len(), 3, "{shown}");
        for (source, width) in sources.iter().zip(["400w", "800w", "1000w"]) {
            let start = "https://a.example/b/processed_images/le%20af.";
            assert!(source.starts_with(start) && source.ends_with(&format!(".webp {width}")), "{source}");
        }
        assert!(shown.contains("sizes=\"(width &lt; 50rem) 100vw\" width=\"1000\" height=\"500\""), "{shown}");
        assert!(shown.contains("src=\"https://a.example/b/green-tea/le%20af.png\""), "{shown}");
        for text in ["![a](/b/small.png)", "![a](/b/logo.svg)", "![a](move.gif)", "![a](no.png)"] {
            assert!(!html(&site(text)).contains("srcset"), "{text}");
        }
    }

    #[test]
    fn what_is_no_image_is_a_warning_where_it_is_shown() {
        let site = site("site.toml", "", "Text.\n\n![a](/b/broken.png)");
        assert!(html(&site).contains("<img src=\"/b/broken.png\" alt=\"a\" />"));
        let problems = site.library.problems(ContentId::Page(PageId(0)));
        let problem = format!("{problems:?}");
        assert!(
            problem.contains("`static/broken.png` cannot be used as an image") && problem.contains("Warning"),
            "{problem}"
        );
    }

    #[test]
    fn a_text_depends_on_the_images_that_it_shows_and_on_those_that_are_missing() {
        let site = site("site.toml", "", "![a](le%20af.png) ![a](no.png)");
        let outline = site.library.outline(ContentId::Page(PageId(0)));
        for expected in [
            Dependency::Published("green-tea/le af.png".into()),
            Dependency::File("content/2020-01-02-Green Tea/le af.png".into()),
            Dependency::Published("green-tea/no.png".into()),
        ] {
            assert!(outline.dependencies.iter().any(|(it, _)| *it == expected), "{:#?}", outline.dependencies);
        }
    }
}

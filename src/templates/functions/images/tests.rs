use std::sync::Arc;

use crate::source::MemoryWorld;
use crate::templates::dependencies::Dependency;
use crate::templates::testing::{BLOG, TestSite, site_in};

/// The first bytes of a GIF of a size.
fn gif(width: u8, height: u8) -> Vec<u8> {
    [&b"GIF89a"[..], &[width, 0, height, 0, 0, 0, 0, b';']].concat()
}

/// A PNG of a size, without its pixels.
fn png(width: u8, height: u8) -> Vec<u8> {
    let size = [0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0];
    [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &size, &[0; 4]].concat()
}

fn site() -> TestSite {
    let mut world: MemoryWorld = BLOG.iter().copied().collect();
    world.insert("static/img/cup.gif", gif(30, 20));
    world.insert("content/posts/2010-05-06-Green Tea/index.md", "+++\ntitle = 'Green'\n+++\n");
    world.insert("content/posts/2010-05-06-Green Tea/leaf.gif", gif(3, 2));
    world.insert("content/posts/logo.svg", "<svg viewBox='0 0 40 50'/>");
    world.insert("static/empty.png", "");
    world.insert("static/img/cup o'tea.png", png(120, 80));
    site_in(Arc::new(world))
}

#[test]
fn the_metadata_of_an_image() {
    let site = site();
    for (path, expected) in [
        ("img/cup.gif", "30 20 gif image/gif"),
        ("/static/img/cup.gif", "30 20 gif image/gif"),
        ("@/posts/logo.svg", "40 50 svg image/svg+xml"),
    ] {
        let show = "{{ i.width }} {{ i.height }} {{ i.format }} {{ i.mime }}";
        let template = format!("{{% set i = get_image_metadata(path='{path}') %}}{show}");
        assert_eq!(site.render(&template).unwrap(), expected, "{path}");
    }
}

#[test]
fn an_asset_is_found_by_its_address() {
    let site = site();
    let page = "{% set page = get_page(path='posts/2010-05-06-Green Tea/index.md') %}";
    let template = format!("{page}{{% set i = get_image_metadata(path=page.assets[0]) %}}{{{{ i.width }}}}");
    assert_eq!(site.render(&template).unwrap(), "3");
    let dependencies = site.dependencies(&template);
    for expected in [
        Dependency::Published("posts/green-tea/leaf.gif".into()),
        Dependency::File("content/posts/2010-05-06-Green Tea/leaf.gif".into()),
        Dependency::File("static/posts/green-tea/leaf.gif".into()),
    ] {
        assert!(dependencies.contains(&expected), "{dependencies:#?}");
    }
}

#[test]
fn what_is_missing_or_no_image_is_an_error() {
    let site = site();
    for (arguments, expected) in [
        ("path='img/cap.gif'", "there is no file `img/cap.gif`; did you mean `img/cup.gif`?"),
        ("path='../../../../cup.gif'", "leads out of the site"),
        ("path='empty.png'", "`static/empty.png` cannot be used as an image: the file is empty"),
        ("path='data/note.txt'", "`data/note.txt` cannot be used as an image: it is no image that Causerie knows"),
    ] {
        let error = site.render(&format!("{{{{ get_image_metadata({arguments}) }}}}")).unwrap_err();
        assert!(error.contains(expected), "{arguments}: {error}");
    }
    let template = "{{ get_image_metadata(path='no.gif', allow_missing=true) is none }}";
    assert_eq!(site.render(template).unwrap(), "true");
    assert!(site.dependencies(template).contains(&Dependency::File("static/no.gif".into())));
}

#[test]
fn a_resized_image_has_a_name_and_a_size_at_once() {
    let site = site();
    let show = "{{ i.static_path }} {{ i.width }} {{ i.height }} {{ i.orig_width }} {{ i.orig_height }} {{ i.url }}";
    for (arguments, expected, extension) in [
        ("width=60, height=60", "60 60 120 80", "png"),
        ("width=60, op='fit_width'", "60 40 120 80", "png"),
        ("height=20, op='fit_height', format='webp', quality=80", "30 20 120 80", "webp"),
        ("width=600, height=600, op='fit', format='jpg'", "120 80 120 80", "jpg"),
        ("width=6, height=6, op='scale', format='jpeg', quality=1", "6 6 120 80", "jpg"),
    ] {
        let template = format!("{{% set i = resize_image(path=\"img/cup o'tea.png\", {arguments}) %}}{show}");
        let rendered = site.render(&template).unwrap();
        let (path, rest) =
            rendered.split_once(".png").or(rendered.split_once(".webp")).or(rendered.split_once(".jpg")).unwrap();
        let name = path.strip_prefix("static/processed_images/").unwrap_or_else(|| panic!("{rendered}"));
        assert!(rest.starts_with(&format!(" {expected} https://blog.example/processed_images/cup%20o")), "{rendered}");
        assert!(rendered.ends_with(&format!(".{extension}")), "{rendered}");
        assert!(
            name.starts_with("cup o&#x27;tea.") || name.starts_with("cup o&#39;tea.") || name.starts_with("cup o'tea."),
            "{name}"
        );
        let images: Vec<_> = site.dependencies(&template).into_iter().filter(|it| it.image().is_some()).collect();
        assert_eq!(images.len(), 1);
        assert!(site.dependencies(&template).contains(&Dependency::File("static/img/cup o'tea.png".into())));
    }
}

#[test]
fn what_cannot_be_resized_is_an_error() {
    let site = site();
    for (arguments, expected) in [
        ("path='img/cap.gif', width=1, height=1", "there is no file `img/cap.gif`; did you mean `img/cup.gif`?"),
        ("path='img/cup.gif', width=1", "the operation `fill` needs a `height`"),
        ("path='img/cup.gif', width=1, height=1, op='fit_with'", "there is no operation `fit_with`"),
        ("path='img/cup.gif', width=1, height=1, format='tiff'", "there is no image format `tiff`"),
        ("path='img/cup.gif', width=1, height=1, format='jpg', quality=0", "a number from 1 to 100, and not 0"),
        ("path='posts/logo.svg', width=1, height=1", "SVG, which cannot be resized"),
        ("path='img/cup.gif', width=90000, op='fit_width'", "a side of JPG has at most 65535"),
    ] {
        let error = site.render(&format!("{{{{ resize_image({arguments}) }}}}")).unwrap_err();
        assert!(error.contains(expected), "{arguments}: {error}");
    }
}

#[test]
fn only_the_rendering_that_asks_for_an_image_has_its_hash() {
    let site = site();
    let path =
        site.render("{% set i = resize_image(path='img/cup.gif', width=1, height=1) %}{{ i.static_path }}").unwrap();
    let error = site.render(&format!("{{{{ get_hash(path='{path}') }}}}")).unwrap_err();
    assert!(error.contains("there is no file"), "{error}");
}

#[test]
fn what_is_optional_is_none_where_it_cannot_be_made() {
    let site = site();
    for path in ["img/cap.gif", "posts/logo.svg"] {
        let call = format!("resize_image(path='{path}', width=1, height=1, optional=true)");
        assert_eq!(site.render(&format!("{{% if {call} is none %}}none{{% endif %}}")).unwrap(), "none");
    }
    let error = site.render("{{ resize_image(path='empty.png', width=1, height=1, optional=true) }}").unwrap_err();
    assert!(error.contains("cannot be used as an image"), "{error}");
}

#[cfg(feature = "cards")]
#[test]
fn a_card_is_drawn_of_a_title_if_the_typeface_has_its_letters() {
    let site = site();
    let card = |arguments: &str| {
        site.render(&format!(
            "{{% set c = social_card({arguments}) %}}{{{{ c.url or 'none' }}}} {{{{ c.width or '' }}}}"
        ))
    };
    let url = card("title='Tea', site='Notes', accent='#0b6e4f'").unwrap();
    assert!(url.starts_with("https://blog.example/processed_images/card.") && url.ends_with(".png 1200"), "{url}");
    assert_ne!(card("title='Tea', site='Notes'").unwrap(), url);
    assert_eq!(card("title='茶'").unwrap(), "none ");
    let error = card("title='Tea', color='red'").unwrap_err();
    assert!(error.contains("`red` is no colour for `color`"), "{error}");
    let dependencies = site.dependencies("{% set c = social_card(title='Tea') %}{{ c.url }}");
    let images: Vec<_> = dependencies.iter().filter_map(Dependency::image).collect();
    assert_eq!(images.len(), 1);
    assert!(images[0].source().is_none());
}

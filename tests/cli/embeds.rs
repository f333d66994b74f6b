//! Films and posts of other sites in a post: what authors paste is checked, and nothing else gets into the page.

use crate::Session;

fn built(call: &str) -> Result<String, String> {
    let session = Session::with(&[("site.toml", "base_url = \"https://a.example\"\ntheme = \"salon\"\n")]);
    session
        .write("content/tea.md", &format!("+++\ntitle = \"Tea\"\ndate = 2024-01-02\n+++\nHot.\n\n{{{{ {call} }}}}\n"));
    let said = session.causerie(&["build"]);
    if said.status == 0 { Ok(session.read("public/tea/index.html")) } else { Err(said.stderr) }
}

#[test]
fn addresses_and_ids_become_frames_that_wait() {
    for (call, link, frame) in [
        (
            "<youtube id=\"abc_EFG-ij1\" start={5} />",
            "https://www.youtube.com/watch?v=abc_EFG-ij1&amp;t=5",
            "https://www.youtube-nocookie.com/embed/abc_EFG-ij1?autoplay=1&amp;start=5",
        ),
        (
            "<youtube id=\"https://www.youtube.com/watch?v=abc_EFG-ij1&list=x\" />",
            "https://www.youtube.com/watch?v=abc_EFG-ij1",
            "https://www.youtube-nocookie.com/embed/abc_EFG-ij1?autoplay=1",
        ),
        (
            "<vimeo id=\"https://vimeo.com/123\" hash=\"0af\" />",
            "https://vimeo.com/123/0af",
            "https://player.vimeo.com/video/123?dnt=1&amp;autoplay=1&amp;h=0af",
        ),
        (
            "<mastodon url=\"https://s.example:8080/@ada@other.example/12\" />",
            "https://s.example:8080/@ada@other.example/12",
            "https://s.example:8080/@ada@other.example/12/embed",
        ),
    ] {
        let page = built(call).unwrap();
        assert!(page.contains(&format!("<a href=\"{link}\" data-media=")), "{page}");
        assert!(page.contains(&format!("data-frame=\"{frame}\"")), "{page}");
        assert!(!page.contains("<iframe"));
    }
}

#[test]
fn what_is_no_film_is_an_error_that_names_it() {
    for (call, expected) in [
        ("<youtube id=\"short\" />", "`short` is no video of YouTube"),
        ("<youtube id=\"abcdefghij\\\"\" />", "is no video of YouTube"),
        ("<youtube id=\"https://youtu.be.evil.example/abcdefghijk\" />", "is no video of YouTube"),
        ("<youtube id=\"abcdefghijk\\nx\" />", "is no video of YouTube"),
        ("<youtube id=\"\" />", "is no video of YouTube"),
        ("<vimeo id=\"1/../2\" />", "is no video of Vimeo"),
        ("<vimeo id={1} hash=\"x\\\"y\" />", "is no video of Vimeo"),
        ("<mastodon url=\"http://a.example/@a/1\" />", "is no post on Mastodon"),
        ("<mastodon url=\"https://a.example\\\\@b.example/@a/1\" />", "is no post on Mastodon"),
        ("<mastodon url=\"https://a@b.example/@a/1\" />", "is no post on Mastodon"),
        ("<mastodon url=\"javascript:alert(1)\" />", "is no post on Mastodon"),
        ("<mastodon url=\"https://a.example/@a/1?x\" />", "is no post on Mastodon"),
    ] {
        let said = built(call).unwrap_err();
        assert!(said.contains(expected) && said.contains("content/tea.md"), "{call}: {said}");
    }
}

#[test]
fn titles_are_text() {
    let page = built("<youtube id=\"abcdefghijk\" title=\"<script>\\n\\n# \\\"x\\\"\" />").unwrap();
    assert!(page.contains("<span class=\"embed-title\">&lt;script&gt; # &quot;x&quot;</span>"), "{page}");
}

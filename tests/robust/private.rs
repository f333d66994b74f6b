//! Private files of the author, which no template can publish.

use std::process::Command;

use crate::support::Site;

const SECRET: &str = "the secret of the author";

fn site() -> Site {
    let site = Site::plain();
    site.write(
        "site.toml",
        "base_url = \"https://site.example\"\n[comments]\ninbox = \"spool\"\n[comments.mail]\nserver = \"mail.example\"\n\
         from = \"a@site.example\"\nuser = \"a\"\npassword_file = \"keys/mail\"\n",
    );
    for path in
        ["spool/key", "keys/mail", "keys/other", ".git/config", "themes/mine/.git/config", "static/.well-known/who"]
    {
        site.write(path, SECRET);
    }
    site
}

#[test]
fn no_template_reads_the_inbox_a_password_or_a_hidden_file() {
    for path in ["spool/key", "keys/mail", ".git/config", "themes/mine/.git/config", "content/../spool/./key"] {
        for call in
            ["load_data(path=PATH, format='plain')", "get_hash(path=PATH)", "get_url(path=PATH, cachebust=true)"]
        {
            let site = site();
            let call = call.replace("PATH", &format!("'{path}'"));
            site.write("templates/404.html", format!("{{{{ {call} }}}}"));
            let said = site.fails();
            assert!(said.contains("templates/404.html:1:") && said.contains("not for readers"), "{call}: {said}");
            assert!(!said.contains(SECRET), "{said}");
        }
    }
}

#[test]
fn what_is_published_anyway_can_be_read() {
    let site = site();
    site.write("static/spool/key", "published");
    site.write(
        "templates/404.html",
        "{{ load_data(path='.well-known/who', format='plain') }} {{ load_data(path='spool/key', format='plain') }} \
         {{ load_data(path='keys/other', format='plain') }}",
    );
    site.builds();
    assert_eq!(site.output("404.html"), format!("{SECRET} published {SECRET}"));
}

#[cfg(unix)]
#[test]
fn nobody_waits_for_a_pipe() {
    let site = Site::plain();
    for path in ["pipe.toml", "static/pipe"] {
        std::fs::create_dir_all(site.root().join("static")).unwrap();
        assert!(Command::new("mkfifo").arg(site.root().join(path)).status().unwrap().success());
    }
    site.write("templates/404.html", "{{ load_data(path='pipe.toml', required=false) is none }}");
    site.builds();
    assert_eq!(site.output("404.html"), "true");
}

#[test]
fn a_note_in_a_post_is_not_published_and_no_character_is_taken_for_another() {
    let site = Site::plain().with(&[
        ("content/note.md", "+++\ntitle = \"Note\"\n+++\nHello{# a hidden\nnote #} there.\n\n## Keys {#keys}\n"),
        ("content/keys.md", "+++\ntitle = \"Keys\"\n+++\n## Keys {#own}\n\nPress \u{f8ff}K {{ 1 + 1 }} \u{fdd0}.\n"),
        ("content/code.md", "+++\ntitle = \"Code\"\n+++\n## Use {#if} here {#use}\n\n`{#if x}` and `{/if}`\n"),
    ]);
    site.builds();
    let note = site.output("note/index.html");
    assert!(note.contains("Hello there.") && note.contains("id=\"keys\""), "{note}");
    let keys = site.output("keys/index.html");
    assert!(keys.contains("Press \u{f8ff}K 2 \u{fdd0}.") && keys.contains("id=\"own\""), "{keys}");
    let code = site.output("code/index.html");
    assert!(code.contains("<code>{#if x}</code>") && code.contains("id=\"use\""), "{code}");
}

#[test]
fn no_secret_lies_where_the_site_is_made_of() {
    let root = |site: &Site| site.root().canonicalize().unwrap().display().to_string();
    type Setting = fn(&str) -> String;
    let inbox: Setting = |place| format!("inbox = \"{place}\"\n");
    let password: Setting = |place| {
        format!(
            "[comments.mail]\nserver = \"mail.example\"\nfrom = \"a@site.example\"\nuser = \"a\"\npassword_file = \"{place}\"\n"
        )
    };
    for (setting, place) in [
        (inbox, "ROOT/static/spool"),
        (inbox, "ROOT/content/spool"),
        (inbox, "ROOT/out/spool"),
        (inbox, "out/spool"),
        (inbox, "link/spool"),
        (inbox, "ROOT"),
        (password, "static/pw"),
        (password, "ROOT/static/pw"),
        (password, "link/pw"),
    ] {
        let site = Site::plain();
        std::fs::create_dir_all(site.root().join("static")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("static", site.root().join("link")).unwrap();
        if cfg!(not(unix)) && place.starts_with("link") {
            continue;
        }
        let setting = setting(&place.replace("ROOT", &root(&site)));
        let text = format!("base_url = \"https://site.example\"\noutput_dir = \"./out/\"\n[comments]\n{setting}");
        site.write("site.toml", text);
        let said = site.fails();
        assert_eq!(said.matches("where everybody could read it").count(), 1, "{setting}: {said}");
        assert!(said.contains("site.toml:"), "{setting}: {said}");
    }
    for (settings, place) in [
        ("output_dir = \"inbox\"\n", "site.toml:2:14"),
        ("output_dir = \"/srv/www\"\n[comments]\ninbox = \"/srv/www\"\n", "site.toml:4:9"),
    ] {
        let site = Site::plain();
        site.write("site.toml", format!("base_url = \"https://site.example\"\n{settings}"));
        let said = site.fails();
        assert!(said.contains("where everybody could read it") && said.contains(place), "{said}");
    }
    // Neither a longer name nor a place outside is one of those.
    let site = Site::plain();
    site.write(
        "site.toml",
        "base_url = \"https://site.example\"\noutput_dir = \"www\"\n[comments]\ninbox = \"www-inbox\"\n",
    );
    site.builds();
    let elsewhere = tempfile::tempdir().unwrap();
    let site = Site::plain();
    site.write(
        "site.toml",
        format!(
            "base_url = \"https://site.example\"\n[comments]\ninbox = \"{}\"\n",
            elsewhere.path().join("spool").display()
        ),
    );
    site.builds();
}

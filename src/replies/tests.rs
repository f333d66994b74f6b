//! The whole way of a reply.

mod hostile;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::*;
use crate::config::Config;
use crate::content::{self, CommentDocument, CommentStatus, ThreadOwner, parse_thread};
use crate::diagnostic::SourceText;
use crate::load::{ParseCache, Sources};
use crate::site::{self, Site, Visibility};
use crate::source::{DiskWorld, MemoryWorld, World};

/// A blog in two languages with every kind of thread folder.
const BLOG: &[(&str, &str)] = &[
    ("site.toml", "base_url = \"https://blog.example\"\n[languages.fr]\n"),
    ("content/index.md", "+++\npath = \"front\"\n+++\n"),
    ("content/posts/_index.md", "+++\n+++\n"),
    ("content/posts/_index.fr.md", "+++\n+++\n"),
    ("content/posts/tea.md", "+++\n+++\n"),
    ("content/posts/tea.fr.md", "+++\n+++\n"),
    ("content/posts/release-1.2.md", "+++\n+++\n"),
    ("content/posts/trip/index.md", "+++\n+++\n"),
    ("content/posts/trip/index.fr.md", "+++\n+++\n"),
    ("content/posts/old/index.md", "+++\n+++\n"),
    (
        "content/posts/old/index.comments.md",
        "+++\ndate = 2024-01-01\n+++\nOne.\n+++\ndate = 2024-01-02\nreply_to = \"1\"\n+++\nTwo.\n",
    ),
    ("content/posts/index-of-teas/index.md", "+++\n+++\n"),
    ("content/posts/unseen.md", "+++\nrender = false\n+++\n"),
    ("content/posts/draft.md", "+++\ndraft = true\n+++\n"),
    ("content/posts/closed.md", "+++\ncomments = \"closed\"\n+++\n"),
    ("content/posts/off.md", "+++\ncomments = \"off\"\n+++\n"),
    ("content/moved/_index.md", "+++\nredirect_to = \"posts\"\n+++\n"),
    (
        "content/posts/tea.comments.md",
        "+++\ndate = 2024-01-01\n+++\nWith *lemon*!\n+++\nid = \"jo-2\"\ndate = 2024-01-02\n+++\nNo.\n\
         +++\nid = \"late\"\ndate = 2024-01-03\nstatus = \"pending\"\n+++\nYes.\n",
    ),
];

fn read(world: &dyn World) -> (Arc<Config>, Sources) {
    let (config, problems) = Config::load(world);
    assert_eq!(problems, []);
    let config = Arc::new(config.expect("a configuration"));
    let (sources, problems) = Sources::load(world, &config, &mut ParseCache::default());
    assert_eq!(problems, []);
    (config, sources)
}

fn link(world: &dyn World) -> Site {
    let (config, sources) = read(world);
    let (site, problems) = site::link(config, sources, Visibility::default(), now());
    assert_eq!(problems, []);
    site
}

/// When the replies of tests are sent.
pub(super) fn now() -> Timestamp {
    Timestamp::from_second(1_717_180_200).expect("a moment")
}

pub(super) fn blog() -> Site {
    link(&BLOG.iter().copied().collect::<MemoryWorld>())
}

/// A folder with the blog in it.
pub(super) fn blog_on_disk() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    for (path, text) in BLOG {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(path, text).expect("the file is written");
    }
    root
}

pub(super) fn body(fields: &[(&str, &str)]) -> String {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// Reads the body of a request of the type `application/x-www-form-urlencoded`.
pub(super) fn parse_form(body: &[u8]) -> Result<Form, Refusal> {
    Submission::urlencoded(body)?.form()
}

pub(super) fn form(fields: &[(&str, &str)]) -> Result<Form, Refusal> {
    parse_form(body(fields).as_bytes())
}

pub(super) fn answer(page: &str, reply_to: &str) -> Form {
    form(&[("page", page), ("reply_to", reply_to), ("comment", "Yes.")]).expect("a reply")
}

pub(super) fn moment() -> Timestamp {
    "2024-05-31T18:30:00.25Z".parse().expect("a moment")
}

fn parsed(path: &str, text: &str) -> Arc<CommentDocument> {
    let (file, problems) = parse_thread(&SourceText { path: path.into(), text: text.into() });
    assert_eq!(problems, [], "{text}");
    let [comment] = <[_; 1]>::try_from(file.comments).unwrap_or_else(|all| panic!("{}: {text}", all.len()));
    comment
}

#[test]
fn a_form_is_read_as_browsers_send_it() {
    let sent = b"page=%2Fposts%2Ftea%2F&reply_to=jo-2&author=+Jo++%22Jay%22%0AField+&email=jo%40example.org\
        &url=jo.example&comment=%0D%0A%0D%0A++Caf%C3%A9+%2B+tea%3F%0D%0A%09A%26B%0D%0A&nickname=&send=&&x";
    let form = parse_form(sent).expect("a reply");
    assert_eq!((form.page(), form.reply_to()), ("/posts/tea/", Some("jo-2")));
    assert_eq!((form.author(), form.url()), (Some("Jo \"Jay\" Field"), Some("https://jo.example")));
    assert_eq!(form.email().map(Email::as_str), Some("jo@example.org"));
    assert_eq!(form.comment(), "  Café + tea?\n\tA&B");
}

#[test]
fn only_the_text_is_needed() {
    let form = parse_form(b"comment=Yes.").expect("a reply");
    assert_eq!((form.page(), form.reply_to(), form.author(), form.url()), ("", None, None, None));
    assert_eq!((form.email(), form.comment()), (None, "Yes."));
    let all = &["page", "reply_to", "author", "email", "url", "nickname"].map(|name| (name, ""));
    assert_eq!(parse_form(format!("comment=Yes.&{}", body(all)).as_bytes()), Ok(form));
}

#[test]
fn what_is_no_form_is_refused() {
    for (sent, refusal) in [
        (&b""[..], Refusal::NoText),
        (b"comment", Refusal::NoText),
        (b"comment=+%0D%0A%09", Refusal::NoText),
        (b"comment=%00%1B%7F", Refusal::NoText),
        ("comment=\u{200b}\u{feff}\u{3164}\u{a0}".as_bytes(), Refusal::NoText),
        (b"comment=%FF", Refusal::NotAForm),
        (b"comment=Yes.&author=\xE9", Refusal::NotAForm),
        (b"comment=Yes.&%C0%AF=1", Refusal::NotAForm),
        (b"comment=%ED%A0%80", Refusal::NotAForm),
        (b"comment=1&comment=2", Refusal::Repeated(Field::Comment)),
        (b"comment=1&page=a&%70age=a", Refusal::Repeated(Field::Page)),
        (b"comment=1&nickname=Jo&nickname=", Refusal::Repeated(Field::Nickname)),
        (b"nickname=Jo", Refusal::NoText),
        (b"comment=1&email=jo", Refusal::NotAnEmail),
        (b"comment=1&email=jo%40example.org%0ABcc%3A+al%40example.org", Refusal::NotAnEmail),
        (b"comment=1&email=jo%40a.example%2Cal%40b.example", Refusal::NotAnEmail),
        (b"comment=1&notify=1", Refusal::NoAddress),
        (b"comment=1&notify=1&email=+", Refusal::NoAddress),
        (b"comment=1&url=javascript%3Aalert%281%29", Refusal::NotAWebsite),
    ] {
        assert_eq!(parse_form(sent), Err(refusal), "{}", String::from_utf8_lossy(sent));
    }
}

#[test]
fn fields_have_limits_in_characters() {
    for field in [Field::Author, Field::Url, Field::Comment, Field::Email] {
        let make = |length: usize| match field {
            Field::Url => format!("https://é.example/{}", "x".repeat(length - 18)),
            Field::Email => format!("{}@é.example", "é".repeat(length - 10)),
            _ => "é".repeat(length),
        };
        let text = |value: &str| match field {
            Field::Comment => form(&[("comment", value)]),
            _ => form(&[("comment", "Yes."), (field.name(), value)]),
        };
        assert!(text(&format!("\r\n{}\t\r\n", make(field.limit()))).is_ok(), "{field:?}");
        assert_eq!(text(&make(field.limit() + 1)), Err(Refusal::TooLong(field)));
    }
    let lines = "a\r\n".repeat(Field::Comment.limit() / 2);
    assert!(form(&[("comment", &lines)]).is_ok(), "browsers count a line's end as one character");
    assert_eq!(parse_form(&vec![b'a'; MAX_BODY + 1]), Err(Refusal::TooLarge));
    assert_eq!(parse_form(&vec![b'&'; MAX_BODY]), Err(Refusal::NoText));
}

#[test]
fn the_largest_reply_is_not_too_large() {
    let mut fields: Vec<(&str, String)> = [Field::Page, Field::ReplyTo, Field::Author, Field::Comment]
        .iter()
        .map(|field| (field.name(), "𝄞".repeat(field.limit())))
        .collect();
    fields.push(("email", format!("{}@a", "𝄞".repeat(252))));
    fields.push(("url", format!("https://a.b/{}", "𝄞".repeat(488))));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let sent = body(&fields);
    assert!(parse_form(sent.as_bytes()).is_ok(), "{} bytes", sent.len());
}

#[test]
fn each_refusal_has_a_sentence_and_a_status() {
    let all = [
        (Refusal::NotAForm, 400),
        (Refusal::Repeated(Field::Page), 400),
        (Refusal::TooLarge, 413),
        (Refusal::TooLong(Field::Author), 422),
        (Refusal::NoText, 422),
        (Refusal::NotAnEmail, 422),
        (Refusal::NoAddress, 422),
        (Refusal::NotAWebsite, 422),
        (Refusal::Honeypot, 422),
        (Refusal::NoPage, 404),
        (Refusal::Closed, 403),
        (Refusal::Off, 403),
        (Refusal::NoComment, 409),
        (Refusal::Foreign, 403),
        (Refusal::WrongType, 415),
        (Refusal::Incomplete, 400),
        (Refusal::TooSlow, 408),
        (Refusal::TooManyReplies, 429),
        (Refusal::Busy, 503),
        (Refusal::TooLate, 410),
        (Refusal::StorageFailed, 503),
    ];
    for (refusal, status) in all {
        assert_eq!(refusal.status(), status);
        assert!(refusal.to_string().ends_with('.'), "{refusal}");
    }
    assert_eq!(
        Refusal::TooLong(Field::Author).to_string(),
        "The field “Name” is too long: it can have 100 characters. Please shorten it."
    );
}

#[test]
fn a_reply_finds_the_folder_of_its_thread() {
    let site = blog();
    for (page, folder) in [
        ("/posts/tea/", "content/posts/tea.comments"),
        ("/fr/posts/tea/", "content/posts/tea.fr.comments"),
        ("/posts/release-1-2/", "content/posts/release-1.2.comments"),
        ("/posts/trip/", "content/posts/trip/comments"),
        ("/fr/posts/trip/", "content/posts/trip/comments.fr"),
        ("/posts/old/", "content/posts/old/index.comments"),
        ("/posts/index-of-teas/", "content/posts/index-of-teas/comments"),
        ("/posts/", "content/posts/_index.comments"),
        ("/fr/posts/", "content/posts/_index.fr.comments"),
        ("/front/", "content/index.comments"),
        // A home section may have no file of its own.
        ("/", "content/_index.comments"),
        ("/fr/", "content/_index.fr.comments"),
    ] {
        let place = find_target(&site, &answer(page, ""), now()).unwrap_or_else(|refusal| panic!("{page}: {refusal}"));
        assert_eq!(place.folder(), folder, "{page}");
        let content = site.content(place.content());
        assert_eq!(content.path, page);
        let exists = |path: &str| BLOG.iter().any(|(file, _)| *file == path);
        let owner = content::owner(&format!("{folder}/20240531-183000-250.md"), exists);
        assert_eq!(owner, Some(ThreadOwner::Thread(content.source.path.to_string())), "{page}");
    }
}

#[test]
fn a_reply_without_a_place_is_refused() {
    let site = blog();
    for (page, refusal) in [
        ("", Refusal::NoPage),
        ("/posts/none/", Refusal::NoPage),
        ("posts/tea", Refusal::NoPage),
        ("/posts/tea/../tea/", Refusal::NoPage),
        ("content/posts/tea.md", Refusal::NoPage),
        ("/posts/unseen/", Refusal::NoPage),
        ("/posts/draft/", Refusal::NoPage),
        ("/posts/closed/", Refusal::Closed),
        ("/posts/off/", Refusal::Off),
    ] {
        assert_eq!(find_target(&site, &answer(page, ""), now()), Err(refusal), "{page}");
    }
    // Whoever answers a page that leads on answers the one that it leads to.
    assert_eq!(find_target(&site, &answer("/moved/", ""), now()), find_target(&site, &answer("/posts/", ""), now()));
    for id in ["1", "jo-2"] {
        assert!(find_target(&site, &answer("/posts/tea/", id), now()).is_ok(), "{id}");
    }
    for (page, id) in [("tea", "late"), ("tea", "2"), ("tea", "none"), ("tea", "../1"), ("trip", "1")] {
        let page = format!("/posts/{page}/");
        assert_eq!(find_target(&site, &answer(&page, id), now()), Err(Refusal::NoComment), "{id}");
    }
}

#[test]
fn a_site_without_comments_takes_none() {
    let files = [
        ("site.toml", "base_url = \"https://a.example\"\n[comments]\nenabled = false\n"),
        ("content/a.md", "+++\n+++\n"),
    ];
    let site = link(&files.into_iter().collect::<MemoryWorld>());
    assert_eq!(find_target(&site, &answer("/a/", ""), now()), Err(Refusal::Off));
}

#[test]
fn a_file_says_what_the_form_said() {
    let form = form(&[
        ("page", "/posts/tea/"),
        ("reply_to", "1"),
        ("author", "Jo \\ \"Jay\""),
        ("email", "jo@example.org"),
        ("url", "http://jo.example/a?b"),
        ("comment", "One\r\n+++\r\n\\+++ \n```\n+++"),
    ])
    .expect("a reply");
    assert_eq!(
        comment_file(&form, None, moment(), CommentStatus::Pending, false),
        "+++\nauthor = \"Jo \\\\ \\\"Jay\\\"\"\nurl = \"http://jo.example/a?b\"\ndate = 2024-05-31T18:30:00Z\n\
         reply_to = \"1\"\nstatus = \"pending\"\nby_author = false\n+++\nOne\n\\+++\n\\\\+++ \n```\n\\+++\n"
    );
    let file = comment_file(&form, Some("7"), moment(), CommentStatus::Approved, false);
    let comment = parsed("content/posts/tea.comments.md", &file);
    assert_eq!((comment.id.as_deref(), comment.status), (Some("7"), CommentStatus::Approved));
}

#[test]
fn moments_that_no_calendar_has_room_for_are_written_all_the_same() {
    for moment in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        parsed("content/a.comments/1.md", &comment_file(&answer("/", ""), None, moment, CommentStatus::Pending, false));
    }
}

#[test]
fn an_email_address_is_not_in_debugging_output() {
    let form = form(&[("comment", "Yes."), ("email", "jo@example.org")]).expect("a reply");
    assert!(!format!("{form:?}").contains("jo@"), "{form:?}");
}

#[test]
fn a_reply_becomes_part_of_its_thread() {
    let root = blog_on_disk();
    let world = DiskWorld::new(root.path());
    let site = link(&world);
    for content in ["/posts/tea/", "/fr/posts/trip/", "/posts/", "/", "/front/", "/posts/old/"] {
        let form = answer(content, "");
        let place = find_target(&site, &form, now()).expect("a place");
        let text = comment_file(&form, None, moment(), CommentStatus::Pending, false);
        let first = write(root.path(), &place, moment(), &text).expect("it is written");
        let text = comment_file(&form, None, moment(), CommentStatus::Approved, false);
        let second = write(root.path(), &place, moment(), &text).expect("it is written");
        assert_eq!([first.id, second.id], ["20240531-183000-250", "20240531-183000-251"]);
        assert_eq!(second.path, format!("{}/20240531-183000-251.md", place.folder()));
        assert_eq!(fs::read_to_string(root.path().join(&second.path)).expect("the file"), text);
    }
    let after = link(&world);
    for id in site.contents() {
        let (content, before) = (site.content(id), site.content(id).thread.comments.len());
        let now: Vec<&str> = after.content(id).thread.comments[before..].iter().map(|it| it.id.as_str()).collect();
        let answered = ["/posts/tea/", "/fr/posts/trip/", "/posts/", "/", "/front/", "/posts/old/"];
        let expected: &[&str] = if answered.contains(&&*content.path) { &["20240531-183000-251"] } else { &[] };
        assert_eq!(now, expected, "{}", content.path);
    }
    let second = after.contents().find(|id| after.content(*id).path == "/posts/old/").expect("the page");
    assert_eq!(after.content(second).thread.comments[1].reply_to, Some(0), "older comments keep their numbers");
    // The next reply can answer one that was approved, and not one that waits.
    assert!(find_target(&after, &answer("/posts/tea/", "20240531-183000-251"), now()).is_ok());
    assert_eq!(find_target(&after, &answer("/posts/tea/", "20240531-183000-250"), now()), Err(Refusal::NoComment));
}

/// The names in a folder, sorted.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn replies_at_one_moment_are_all_kept() {
    let root = blog_on_disk();
    let place = find_target(&blog(), &answer("/posts/trip/", ""), now()).expect("a place");
    let ids: Vec<(String, String)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|writer| {
                let (root, place) = (root.path(), &place);
                scope.spawn(move || {
                    let write = |n| {
                        let text = format!("{writer}.{n}\n").repeat(1000);
                        (write(root, place, moment(), &text).expect("it is written").id, text)
                    };
                    (0..10).map(write).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    let folder = root.path().join(place.folder());
    for (id, text) in &ids {
        assert_eq!(&fs::read_to_string(folder.join(format!("{id}.md"))).expect("the file"), text);
    }
    assert_eq!((ids.len(), names(&folder).len()), (80, 80), "each has a file, and nothing else is left");
}

#[test]
fn a_file_that_is_there_stays_as_it_is() {
    let root = blog_on_disk();
    let place = find_target(&blog(), &answer("/posts/tea/", ""), now()).expect("a place");
    let folder = root.path().join(place.folder());
    fs::create_dir_all(folder.join("20240531-183000-251.md")).expect("a folder in the way");
    fs::write(folder.join("20240531-183000-250.md"), "mine").expect("a file in the way");
    assert_eq!(write(root.path(), &place, moment(), "new").expect("it is written").id, "20240531-183000-252");
    assert_eq!(fs::read_to_string(folder.join("20240531-183000-250.md")).expect("the file"), "mine");
    assert_eq!(names(&folder).len(), 3);
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error() {
    let root = blog_on_disk();
    let place = find_target(&blog(), &answer("/posts/tea/", ""), now()).expect("a place");
    fs::write(root.path().join(place.folder()), "mine").expect("a file in the way");
    let error = write(root.path(), &place, moment(), "new").expect_err("no folder");
    assert_eq!(error.kind(), std::io::ErrorKind::NotADirectory);
    assert_eq!(fs::read_to_string(root.path().join(place.folder())).expect("the file"), "mine");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().expect("a folder");
    for link in ["content/posts/tea.comments", "content/posts", "content"] {
        let root = blog_on_disk();
        let place = find_target(&blog(), &answer("/posts/tea/", ""), now()).expect("a place");
        let link = root.path().join(link);
        let _ = fs::remove_dir_all(&link);
        symlink(outside.path(), &link).expect("a link");
        let error = write(root.path(), &place, moment(), "new").expect_err("a link");
        assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied, "{error}");
    }
    assert!(names(outside.path()).is_empty());

    // A file's name may be taken by a link that leads nowhere.
    let root = blog_on_disk();
    let place = find_target(&blog(), &answer("/posts/tea/", ""), now()).expect("a place");
    let folder = root.path().join(place.folder());
    fs::create_dir_all(&folder).expect("the folder");
    symlink(outside.path().join("stolen"), folder.join("20240531-183000-250.md")).expect("a link");
    assert_eq!(write(root.path(), &place, moment(), "new").expect("it is written").id, "20240531-183000-251");
    assert!(names(outside.path()).is_empty());
}

#[cfg(unix)]
#[test]
fn a_written_file_can_be_read_by_whom_the_author_lets() {
    use std::os::unix::fs::PermissionsExt;

    let root = blog_on_disk();
    let mode = |path: &str| fs::metadata(root.path().join(path)).expect("the file").permissions().mode();
    let place = find_target(&blog(), &answer("/posts/tea/", ""), now()).expect("a place");
    let written = write(root.path(), &place, moment(), "new").expect("it is written");
    assert_eq!(mode(&written.path), mode("content/posts/tea.md"));
}

/// The forms tell browsers the same limits as the inbox applies.
#[test]
fn forms_have_the_limits_of_their_fields() {
    let forms = [include_str!("../templates/builtin/components.html"), include_str!("../inbox/moderate/replies.html")];
    let fields = [
        ("author", Field::Author),
        ("email", Field::Email),
        ("url", Field::Url),
        ("comment", Field::Comment),
        ("answer", Field::Comment),
    ];
    for (name, field) in fields {
        let mut tags = 0;
        for tag in
            forms.iter().flat_map(|form| form.split('<')).filter(|tag| tag.contains(&format!(" name=\"{name}\"")))
        {
            assert!(tag.contains(&format!(" maxlength=\"{}\"", field.limit())), "{tag}");
            tags += 1;
        }
        assert!(tags > 0, "{name}");
    }
}

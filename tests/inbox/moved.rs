//! Pages that are somewhere else now than when they were answered.

use serde_json::json;

use crate::moderate::send;
use crate::{ENDPOINT, Inbox, Site};

const HERE: &str =
    "+++\ntitle = \"Tea\"\ndate = 2024-01-01\naliases = [\"old/tea\", \"/tee.html\", \"posts/th\u{e9}\"]\n+++\nText.\n";

#[test]
fn a_reply_finds_its_page_by_every_address_that_it_had() {
    let site = Site::new();
    site.write("content/posts/tea.md", HERE);
    site.write("content/drinks/_index.md", "+++\nredirect_to = \"/posts/\"\n+++\n");
    site.write("content/round/_index.md", "+++\nredirect_to = \"/about/\"\n+++\n");
    site.write("content/about/_index.md", "+++\nredirect_to = \"/round/\"\n+++\n");
    let inbox = Inbox::start(&site);
    for (page, is_at) in [
        ("/posts/tea/", "/posts/tea/"),
        ("/old/tea/", "/posts/tea/"),
        ("/old/tea", "/posts/tea/"),
        ("/old/tea/index.html", "/posts/tea/"),
        ("/tee.html", "/posts/tea/"),
        ("/posts/the\u{301}/", "/posts/tea/"),
        ("/posts/th\u{e9}/", "/posts/tea/"),
        ("/drinks/", "/posts/"),
    ] {
        send(&inbox, json!({ "page": page, "comment": page }));
        let reply = site.replies().into_iter().find(|reply| reply["text"] == page).expect("it is kept");
        assert_eq!(reply["page"], is_at, "{page}");
    }
    for page in ["/old/", "/old/te/", "tee", "", "/round/", "/../posts/tea/", "/old/tea/more/"] {
        let (status, told) = inbox.script(ENDPOINT, &json!({ "page": page, "comment": "Hm." }));
        assert!(status == 404 || page.is_empty(), "{page}: {status} {told}");
    }
}

#[test]
fn what_waits_when_its_post_is_renamed_is_approved_where_the_post_is() {
    let site = Site::new();
    let ids: Vec<String> = {
        let inbox = Inbox::start(&site);
        (0..3).map(|number| send(&inbox, json!({ "comment": format!("Thought {number}.") }))).collect()
    };
    let rename = |from: &str, to: &str| std::fs::rename(site.path(from), site.path(to)).expect("it is ours");
    // Under another address, which says where it was.
    rename("content/posts/tea.md", "content/posts/chai.md");
    rename("content/posts/tea.comments.md", "content/posts/chai.comments.md");
    site.write("content/posts/chai.md", "+++\ndate = 2024-01-01\naliases = [\"posts/tea\"]\n+++\nText.\n");
    site.causerie(&["comments", "approve", &ids[0]]);
    assert_eq!(site.files("content/posts/chai.comments"), [format!("{}.md", ids[0])]);
    // In another file with the same address.
    rename("content/posts/chai.md", "content/posts/2024-tea.md");
    rename("content/posts/chai.comments.md", "content/posts/2024-tea.comments.md");
    rename("content/posts/chai.comments", "content/posts/2024-tea.comments");
    site.write("content/posts/2024-tea.md", "+++\ndate = 2024-01-01\nslug = \"tea\"\n+++\nText.\n");
    site.causerie(&["comments", "reply", &ids[1], "--text", "Thanks."]);
    assert_eq!(site.files("content/posts/2024-tea.comments").len(), 3);
    let inbox = Inbox::start(&site);
    let moderator = crate::moderator::Moderator::enter(&site, &inbox);
    let page = moderator.decide("approve", &ids[2]).body;
    assert!(page.contains("Approved the reply by Jo."), "{page}");
    assert_eq!(site.files("content/posts/2024-tea.comments").len(), 4);
    assert!(site.files("content/posts/tea.comments").is_empty());
}

//! Decisions, and what becomes of them wherever somebody is stopped.

mod people;
mod shared;
mod thread;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::*;
use crate::replies::guard::{Model, Verdict};
use crate::replies::spool::{FolderStore, InboxFolder, SpoolError, Store, Version};
use crate::replies::tests::{blog_on_disk, form, moment, names};
use crate::replies::{Form, Refusal, SubscriptionRequest, new_id};
use crate::site::Site;

struct Desk {
    root: TempDir,
    spool: Spool,
    site: Site,
}

impl Desk {
    fn new() -> Self {
        let root = blog_on_disk();
        let spool = Spool::open(root.path(), "inbox").expect("a spool");
        Self { spool, root, site: crate::replies::tests::blog() }
    }

    fn moderation(&self) -> Moderation<'_> {
        Moderation::new(self.root.path(), &self.spool, &Comments::default())
    }

    /// A reply comes in; what its id ends with is given back.
    fn receive(&self, number: u32, fields: &[(&str, &str)]) -> String {
        let page = if fields.iter().any(|(name, _)| *name == "page") { "" } else { "/posts/tea/" };
        let fields: Vec<_> = fields.iter().copied().chain(Some(("page", page)).filter(|_| !page.is_empty())).collect();
        let form = form(&fields).expect("a reply");
        let place = crate::replies::find_target(&self.site, &form, super::super::tests::now()).expect("a place");
        let id = new_id(moment(), number);
        self.spool
            .add(&ReplyObject::new(id.clone(), form, &self.site, &place, Verdict::default(), moment()))
            .expect("it is kept");
        id
    }

    fn states(&self) -> Vec<(String, State)> {
        let listing = self.moderation().list(&Filter::default(), moment()).expect("a list");
        assert!(listing.problems.is_empty(), "{:?}", listing.problems);
        listing.replies.into_iter().map(|reply| (reply.handle(), reply.notes.state)).collect()
    }

    fn state(&self, id: &str) -> State {
        self.moderation().show(id, moment()).expect("it is there").notes.state
    }

    fn files(&self) -> Vec<String> {
        let folder = self.root.path().join("content/posts/tea.comments");
        if folder.exists() { names(&folder) } else { Vec::new() }
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.path().join(path)).expect("the file")
    }
}

fn later(minutes: i64) -> Timestamp {
    moment() + SignedDuration::from_mins(minutes)
}

fn problem<T: std::fmt::Debug>(result: Result<T, Diagnostic>) -> String {
    result.expect_err("it cannot be done").message
}

#[test]
fn an_approved_reply_is_a_file_of_its_thread_and_comes_back() {
    let desk = Desk::new();
    let id = desk.receive(1, &[("author", "Jo"), ("reply_to", "jo-2"), ("comment", "Yes.\n+++\nNo.")]);
    let done = desk.moderation().decide(&id, Decision::Approve, later(1)).expect("it is approved");
    let path = format!("content/posts/tea.comments/{id}.md");
    assert_eq!((done.changed, done.problems.len()), (vec![path.clone()], 0));
    let text = "+++\nauthor = \"Jo\"\ndate = 2024-05-31T18:30:00Z\nreply_to = \"jo-2\"\nstatus = \"approved\"\nby_author = false\n+++\n\
                Yes.\n\\+++\nNo.\n";
    assert_eq!(desk.read(&path), text);
    assert_eq!(desk.states(), [(id.clone(), State::Approved)]);
    assert!(!desk.read(&format!("inbox/{id}.md")).contains("Yes."), "a reply is in one place");
    assert_eq!(desk.moderation().show(&id, later(2)).expect("its text").form.comment(), "Yes.\n+++\nNo.");
    let again = problem(desk.moderation().decide(&id, Decision::Approve, later(2)));
    assert_eq!(again, "this reply is approved already");
    assert!(problem(desk.moderation().edit(&id, &Edit::default(), later(2))).contains("file of the site now"));

    // What its author wrote into it comes back with it.
    fs::write(desk.root.path().join(&path), text.replace("Yes.", "Perhaps.")).expect("the file");
    let done = desk.moderation().undo(None, later(3)).expect("it is taken back");
    assert_eq!(done.changed, [path.as_str()]);
    assert_eq!(done.reply.form.comment(), "Perhaps.\n+++\nNo.");
    assert_eq!((desk.states(), desk.files()), (vec![(id.clone(), State::Pending)], vec![]));
    assert_eq!(problem(desk.moderation().undo(None, later(4))), "nothing was decided that could be undone");
    assert!(problem(desk.moderation().undo(Some(&id), later(4))).contains("nothing was decided about"));
    desk.moderation().decide(&id, Decision::Approve, later(5)).expect("and approved again");
    assert_eq!(desk.files().len(), 1);
}

#[test]
fn whose_a_comment_is_stays_with_it() {
    let desk = Desk::new();
    let id = desk.receive(1, &[("author", "Ada Wren"), ("comment", "Yes.")]);
    let path = format!("content/posts/tea.comments/{id}.md");
    let edit = Edit { comment: Some("No.".to_owned()), ..Edit::default() };
    let edited = desk.moderation().edit(&id, &edit, later(1)).expect("it is edited").reply.handle();
    let done = desk.moderation().reply(&edited, "Thanks.", Some("Ada Wren"), new_id(moment(), 2), later(2));
    let done = done.expect("it is approved and answered");
    assert!(desk.read(&path).contains("\nby_author = false\n"), "{}", desk.read(&path));
    let answer = &done[1].reply;
    assert!(desk.read(&answer.path()).contains("\nby_author = true\n"));

    // An answer that is taken back is still the author's.
    desk.moderation().undo(Some(&answer.id), later(3)).expect("it is taken back");
    desk.moderation().edit(&answer.id, &edit, later(4)).expect("it is edited");
    desk.moderation().decide(&format!("{}.1", answer.id), Decision::Approve, later(5)).expect("it is approved");
    assert!(desk.read(&answer.path()).contains("\nby_author = true\n"));
    desk.moderation().undo(Some(&answer.id), later(6)).expect("it is taken back");

    // What somebody has written into the file holds.
    let text = desk.read(&path).replace("by_author = false", "by_author = true");
    fs::write(desk.root.path().join(&path), text).expect("the file");
    let handle = desk.moderation().undo(Some(&id), later(7)).expect("it is taken back").reply.handle();
    desk.moderation().decide(&handle, Decision::Approve, later(8)).expect("it is approved");
    assert!(desk.read(&path).contains("\nby_author = true\n"));
}

#[test]
fn nobody_decides_about_what_somebody_else_has_decided_meanwhile() {
    let desk = Desk::new();
    let room = || desk.moderation();
    let id = desk.receive(1, &[("comment", "Yes.")]);
    let seen = |at: Timestamp| room().show(&id, at).expect("it is there").handle_with_state();
    let waiting = seen(moment());
    assert_eq!(waiting, format!("{id}.0.pending"));
    room().decide(&waiting, Decision::Reject, later(1)).expect("it is rejected");
    let rejected = "this reply was rejected meanwhile, on 31 May 2024 at 18:31 UTC";
    for decision in [Decision::Approve, Decision::Spam, Decision::Reject] {
        assert_eq!(problem(room().decide(&waiting, decision, later(2))), rejected);
    }
    assert_eq!(problem(room().edit(&waiting, &Edit::default(), later(2))), rejected);
    assert_eq!(problem(room().reply(&waiting, "Thanks.", Some("Ada"), new_id(moment(), 9), later(2))), rejected);
    assert_eq!(problem(room().undo(Some(&waiting), later(2))), rejected);
    assert_eq!(problem(room().show_revision(&waiting, later(2))), rejected);
    assert!(desk.files().is_empty());

    // Undoing takes back what was seen, and no other decision.
    let was_rejected = seen(later(2));
    room().undo(Some(&was_rejected), later(3)).expect("it is taken back");
    assert!(problem(room().undo(Some(&was_rejected), later(4))).contains("waits again"));
    room().decide(&waiting, Decision::Approve, later(5)).expect("it waits as it was seen");
    assert!(problem(room().undo(Some(&was_rejected), later(6))).contains("was approved meanwhile"));
    assert_eq!(desk.state(&id), State::Approved);
    assert_eq!(desk.files().len(), 1);
    // Who says no state means the one that there is.
    room().undo(Some(&id), later(7)).expect("it is taken back");
    room().decide(&id, Decision::Spam, later(8)).expect("it is spam");
    room().decide(&id, Decision::Approve, later(9)).expect("it is approved");
    assert!(
        problem(room().decide(&format!("{id}.0.spam"), Decision::Approve, later(9))).contains("approved meanwhile")
    );
}

#[test]
fn what_nobody_wants_is_kept_for_a_while() {
    let desk = Desk::new();
    let (spam, rejected) = (desk.receive(1, &[("comment", "Buy.")]), desk.receive(2, &[("comment", "Boo.")]));
    desk.moderation().decide(&spam, Decision::Spam, later(1)).expect("spam");
    desk.moderation().decide(&rejected, Decision::Reject, later(2)).expect("rejected");
    assert_eq!(desk.states(), [(spam.clone(), State::Spam), (rejected.clone(), State::Rejected)]);
    assert!(problem(desk.moderation().decide(&spam, Decision::Spam, later(3))).contains("spam already"));
    // What was spam by mistake can be approved, and is spam again if that was the mistake.
    desk.moderation().decide(&spam, Decision::Approve, later(4)).expect("approved");
    desk.moderation().undo(None, later(5)).expect("undone");
    assert_eq!(desk.state(&spam), State::Spam);
    desk.moderation().undo(Some(&rejected), later(6)).expect("undone");
    assert_eq!(desk.state(&rejected), State::Pending);

    let late = later(31 * 24 * 60);
    desk.moderation().decide(&rejected, Decision::Reject, later(7)).expect("rejected");
    let waiting = desk.receive(3, &[("comment", "Still here?")]);
    desk.moderation().tidy(late).expect("it tidies");
    assert_eq!(names(&desk.root.path().join("inbox")).iter().filter(|name| name.ends_with(".md")).count(), 1);
    assert_eq!(desk.state(&waiting), State::Pending, "what nobody has decided stays, however long");
}

#[test]
fn who_hears_of_answers_is_known_for_as_long_as_they_want_to() {
    let desk = Desk::new();
    let person = &[("email", "jo@example.org"), ("notify", "1"), ("comment", "Yes.")];
    let (hears, silent) = (desk.receive(1, person), desk.receive(2, person));
    for id in [&hears, &silent] {
        desk.moderation().decide(id, Decision::Approve, later(1)).expect("approved");
    }
    assert!(desk.moderation().grant(SubscriptionRequest::Subscribe, &hears).expect("it is known").is_some());
    let far = 31 * 24 * 60;
    desk.moderation().tidy(later(far)).expect("tidy");
    assert_eq!(desk.states(), [(hears.clone(), State::Approved)]);
    assert!(matches!(desk.moderation().grant(SubscriptionRequest::Subscribe, &silent), Err(EditRefusal::Late)));
    assert!(
        desk.moderation().grant(SubscriptionRequest::Unsubscribe, &silent).expect("there is nothing to stop").is_none()
    );
    assert!(desk.moderation().grant(SubscriptionRequest::Unsubscribe, &hears).expect("it is stopped").is_some());
    assert!(!desk.read(&format!("inbox/{hears}.md")).contains("jo@example.org"));
    assert!(matches!(desk.moderation().grant(SubscriptionRequest::Subscribe, &hears), Err(EditRefusal::Late)));
    desk.moderation().tidy(later(far)).expect("tidy");
    assert!(desk.states().is_empty());
    // Its file in the thread is no business of this.
    assert_eq!(desk.files().len(), 2);
}

#[test]
fn replies_are_found_by_the_end_of_their_ids() {
    let desk = Desk::new();
    let (a, b) = (desk.receive(1, &[("comment", "A.")]), desk.receive(33, &[("comment", "B.")]));
    assert!(a.ends_with("-100000") && b.ends_with("-110000"), "{a} {b}");
    assert_eq!(desk.moderation().show("-100000", moment()).expect("one").id, a);
    assert_eq!(desk.moderation().show(&b, moment()).expect("one").id, b);
    assert!(problem(desk.moderation().show("0000", moment())).contains("more than one"));
    for none in ["", "x", "../key", "20240531"] {
        assert!(problem(desk.moderation().show(none, moment())).contains("there is no reply"), "{none}");
    }
}

#[test]
fn filters_choose() {
    let desk = Desk::new();
    desk.receive(1, &[("author", "Zoë"), ("comment", "One.")]);
    desk.receive(2, &[("page", "/posts/trip/"), ("url", "spam.example"), ("comment", "Two.")]);
    let id = desk.receive(3, &[("page", "/fr/posts/trip/"), ("comment", "Three ZOË.")]);
    desk.moderation().decide(&id, Decision::Spam, later(1)).expect("spam");
    let texts = |filter: Filter| {
        let listing = desk.moderation().list(&filter, moment()).expect("a list");
        let texts: Vec<String> = listing.replies.iter().map(|reply| reply.form.comment().to_owned()).collect();
        (texts.join(" "), listing.more)
    };
    let all = Filter::default;
    assert_eq!(texts(all()), ("One. Two. Three ZOË.".to_owned(), 0));
    assert_eq!(texts(Filter { states: vec![State::Pending], ..all() }).0, "One. Two.");
    assert_eq!(texts(Filter { states: vec![State::Spam, State::Rejected], ..all() }).0, "Three ZOË.");
    assert_eq!(texts(Filter { page: Some("posts/trip".to_owned()), ..all() }).0, "Two.");
    assert_eq!(texts(Filter { page: Some("/posts/*".to_owned()), ..all() }).0, "One. Two.");
    assert_eq!(texts(Filter { text: Some("zoË".to_owned()), ..all() }).0, "One. Three ZOË.");
    assert_eq!(texts(Filter { text: Some("SPAM.example".to_owned()), ..all() }).0, "Two.");
    assert_eq!(texts(Filter { min_score: Some(1), ..all() }).0, "");
    assert_eq!(texts(Filter { limit: Some(2), ..all() }), ("Two. Three ZOË.".to_owned(), 1));
}

#[test]
fn decisions_that_are_taken_back_together_see_each_other() {
    let desk = Desk::new();
    let parent = desk.receive(1, &[("comment", "Which tea?")]);
    let moderation = desk.moderation();
    moderation.decide(&parent, Decision::Approve, later(1)).expect("approved");
    let answer = new_id(moment(), 2);
    moderation.reply(&parent, "Green.", Some("Ada"), answer.clone(), later(2)).expect("answered");
    let undone = |handles: &[&str]| {
        let all = moderation.undo_all(handles, later(3)).expect("the spool can be read");
        all.into_iter().map(|done| done.map_err(|problem| problem.message).err()).collect::<Vec<_>>()
    };
    let answered = Some(format!("this response was answered, by `{answer}`"));
    assert_eq!(undone(&[&parent]), std::slice::from_ref(&answered));
    assert_eq!(undone(&[&answer, &parent]), [None, None]);
    for handle in [&parent, &answer] {
        moderation.decide(handle, Decision::Approve, later(4)).expect("approved again");
    }
    assert_eq!(undone(&[&parent, &answer]), [answered, None]);
}

#[test]
fn what_is_decided_teaches_and_what_is_undone_is_forgotten() {
    let desk = Desk::new();
    let learned = || {
        let (model, problem) = desk.spool.guard_model().expect("it is readable");
        assert_eq!(problem, None);
        model
    };
    let person =
        &[("email", "jo@example.org"), ("notify", "1"), ("author", "Jo"), ("comment", "I like tea with milk.")];
    let (genuine, spam) = (desk.receive(1, person), desk.receive(2, &[("comment", "Buy replica watches now!")]));
    assert_eq!(learned(), Model::default());
    let moderation = desk.moderation();
    moderation.decide(&genuine, Decision::Approve, later(1)).expect("approved");
    moderation.decide(&spam, Decision::Spam, later(2)).expect("spam");
    assert_eq!(learned().decisions(), (1, 1));
    // Second thoughts: spam is approved after all, which is no longer spam.
    moderation.decide(&spam, Decision::Approve, later(3)).expect("approved");
    assert_eq!(learned().decisions(), (2, 0));
    moderation.undo(None, later(4)).expect("taken back");
    assert_eq!(learned().decisions(), (1, 0), "nobody says of it any more that it is spam, but the guard");
    moderation.decide(&spam, Decision::Reject, later(5)).expect("rejected");
    assert_eq!(learned().decisions(), (1, 0), "what is only not wanted teaches nothing");
    moderation.undo(Some(&genuine), later(6)).expect("taken back");
    assert_eq!(learned(), Model::default(), "no word is left");
    // Who forgets a person finds nothing of the address in what was learned before either.
    moderation.decide(&genuine, Decision::Spam, later(7)).expect("spam");
    let with = learned();
    moderation.forget("jo@example.org", later(8)).expect("forgotten");
    assert_eq!(learned(), with);
    let without = desk.receive(3, &person[2..]);
    moderation.undo(Some(&spam), later(9)).expect("taken back");
    moderation.decide(&without, Decision::Spam, later(9)).expect("spam");
    assert_eq!(learned().decisions(), (0, 2));
    // The post's author is no example of readers.
    let parent = desk.receive(4, &[("comment", "Why?")]);
    moderation.reply(&parent, "Because of tea.", Some("Ada"), new_id(moment(), 5), later(10)).expect("answered");
    assert_eq!(learned().decisions(), (1, 2));
    let still = Comments {
        guard: crate::config::guard::GuardConfig { learn: false, ..Default::default() },
        ..Default::default()
    };
    let id = desk.receive(6, &[("comment", "Buy.")]);
    Moderation::new(desk.root.path(), &desk.spool, &still).decide(&id, Decision::Spam, later(11)).expect("spam");
    assert_eq!(learned().decisions(), (1, 2));
}

#[test]
fn what_was_learned_can_be_damaged_without_harm() {
    let desk = Desk::new();
    let (one, two) = (desk.receive(1, &[("comment", "Buy.")]), desk.receive(2, &[("comment", "Buy more.")]));
    desk.moderation().decide(&one, Decision::Spam, later(1)).expect("spam");
    fs::write(desk.root.path().join("inbox/learned"), "torn").expect("it is ours");
    let done = desk.moderation().decide(&two, Decision::Spam, later(2)).expect("spam");
    let [problem] = &done.problems[..] else { panic!("{:?}", done.problems) };
    assert!(problem.message.contains("starts to learn anew"), "{problem:?}");
    assert_eq!(desk.spool.guard_model().expect("it is readable").0.decisions(), (0, 1));
    assert_eq!(desk.states().len(), 2, "it is no reply");
}

/// A guard that finds nothing new in a change.
fn as_before(reply: &ReplyObject, _: &Form) -> Verdict {
    reply.notes.guard.clone()
}

#[test]
fn nobody_approves_another_text_than_they_saw() {
    let desk = Desk::new();
    let id = desk.receive(1, &[("comment", "Harmless.")]);
    let moderation = desk.moderation();
    assert_eq!(moderation.rewrite(&id, "Buy pills.", as_before).expect("its writer may").handle(), format!("{id}.1"));
    for decision in [Decision::Approve, Decision::Reject, Decision::Spam] {
        assert!(problem(moderation.decide(&id, decision, later(1))).contains("not what it was"));
    }
    assert!(problem(moderation.edit(&id, &Edit::default(), later(1))).contains("not what it was"));
    assert_eq!((desk.state(&id), desk.files().len()), (State::Pending, 0));
    moderation.decide(&format!("{id}.1"), Decision::Approve, later(1)).expect("the one that was seen");
    assert!(desk.read(&format!("content/posts/tea.comments/{id}.md")).contains("Buy pills."));
}

#[test]
fn writers_have_second_thoughts_until_somebody_decides() {
    let desk = Desk::new();
    let moderation = desk.moderation();
    let id = desk.receive(1, &[("author", "Jo"), ("comment", "One.")]);
    assert_eq!(moderation.own(&id).expect("it waits").form.comment(), "One.");
    assert_eq!(
        moderation.rewrite(&id, "One.", as_before).expect("no change").handle(),
        id,
        "the same text is no change"
    );
    let changed = moderation.rewrite(&id, "Two.", as_before).expect("a change");
    assert_eq!((changed.form.author(), changed.form.comment()), (Some("Jo"), "Two."));
    assert!(matches!(moderation.rewrite(&id, " ", as_before), Err(EditRefusal::Refused(Refusal::NoText))));
    moderation.withdraw(&id).expect("it is taken back");
    assert!(matches!(moderation.withdraw(&id), Err(EditRefusal::Late)));
    assert!(desk.states().is_empty());

    for decision in [Decision::Approve, Decision::Reject, Decision::Spam] {
        let id = desk.receive(decision as u32 + 2, &[("comment", "Late.")]);
        moderation.decide(&id, decision, later(1)).expect("it is decided");
        assert!(matches!(moderation.rewrite(&id, "Later.", as_before), Err(EditRefusal::Late)));
        assert!(matches!(moderation.withdraw(&id), Err(EditRefusal::Late)));
        assert!(matches!(moderation.own(&id), Err(EditRefusal::Late)));
    }
    assert_eq!(desk.states().len(), 3);
}

#[test]
fn a_response_that_was_answered_stays() {
    let desk = Desk::new();
    let moderation = desk.moderation();
    let id = desk.receive(1, &[("author", "Jo"), ("comment", "Why?")]);
    fs::write(desk.root.path().join("site.toml"), "base_url = \"https://blog.example\"\nauthor = \"Ada\"\n")
        .expect("a configuration");
    assert!(problem(moderation.reply(&id, " ", None, new_id(moment(), 2), later(1))).contains("no text"));
    assert_eq!(desk.state(&id), State::Pending, "nothing is approved for an answer that is none");
    let done = moderation.reply(&id, "Because.", None, new_id(moment(), 2), later(1)).expect("an answer");
    let [parent, answer] = &done[..] else { panic!("{done:?}") };
    assert_eq!([parent.reply.notes.state, answer.reply.notes.state], [State::Approved, State::Approved]);
    assert_eq!(
        desk.read(&answer.changed[0]),
        format!(
            "+++\nauthor = \"Ada\"\ndate = 2024-05-31T18:31:00Z\nreply_to = \"{id}\"\nstatus = \"approved\"\nby_author = true\n+++\n\
             Because.\n"
        )
    );
    assert!(problem(moderation.undo(Some(&id), later(2))).contains("was answered"));
    assert_eq!(desk.files().len(), 2);
    let answer = answer.reply.id.clone();
    moderation.undo(Some(&answer), later(3)).expect("the answer is taken back");
    moderation.undo(Some(&id), later(4)).expect("now the response");
    assert!(desk.files().is_empty());
    // A second answer, to what is approved already, in another's name.
    moderation.decide(&id, Decision::Approve, later(5)).expect("approved");
    let done = moderation.reply(&id, "So.", Some("Al"), new_id(moment(), 3), later(6)).expect("an answer");
    assert_eq!(done.len(), 1);
    assert!(desk.read(&done[0].changed[0]).contains("author = \"Al\""));
}

#[test]
fn an_answer_to_what_is_gone_answers_the_post() {
    let desk = Desk::new();
    let id = desk.receive(1, &[("reply_to", "jo-2"), ("comment", "Yes.")]);
    fs::remove_file(desk.root.path().join("content/posts/tea.comments.md")).expect("it is there");
    let done = desk.moderation().decide(&id, Decision::Approve, later(1)).expect("it is approved");
    assert!(done.problems[0].message.contains("`jo-2`"), "{:?}", done.problems);
    assert!(!desk.read(&done.changed[0]).contains("reply_to"), "a build would fail");
}

#[test]
fn what_has_no_place_stays_where_it_is() {
    let desk = Desk::new();
    let id = desk.receive(1, &[("comment", "Yes.")]);
    let post = desk.root.path().join("content/posts/tea.md");
    fs::rename(&post, post.with_extension("away")).expect("it can be moved");
    assert!(problem(desk.moderation().decide(&id, Decision::Approve, later(1))).contains("is gone"));
    fs::rename(post.with_extension("away"), &post).expect("and back");
    // A folder that cannot be written to: a file is in its place.
    fs::write(desk.root.path().join("content/posts/tea.comments"), "mine").expect("a file");
    assert!(problem(desk.moderation().decide(&id, Decision::Approve, later(1))).contains("cannot be written"));
    assert_eq!(desk.states(), [(id.clone(), State::Pending)]);
    fs::remove_file(desk.root.path().join("content/posts/tea.comments")).expect("a file");
    desk.moderation().decide(&id, Decision::Approve, later(1)).expect("now it can");
}

#[test]
fn an_object_that_lies_about_its_place_is_not_believed() {
    for folder in [
        "content/posts/trip/comments",
        "content/posts/tea.comments/../../../static",
        "static",
        "../outside",
        "/tmp",
        "content/posts",
        "",
    ] {
        let desk = Desk::new();
        let id = desk.receive(1, &[("comment", "Yes.")]);
        for state in ["pending", "approving", "returning"] {
            let place = desk.root.path().join(format!("inbox/{id}.md"));
            let object = fs::read_to_string(&place).expect("the object");
            let lie = object
                .replace("#: folder = \"content/posts/tea.comments\"", &format!("#: folder = {folder:?}"))
                .replace("#: state = \"pending\"", &format!("#: state = {state:?}"));
            fs::write(&place, lie).expect("the object");
            let before: Vec<_> = walk(desk.root.path());
            let _ = desk.moderation().tidy(later(1));
            let decided = desk.moderation().decide(&id, Decision::Approve, later(1));
            assert!(decided.is_err(), "{folder} {state}");
            let grown = walk(desk.root.path());
            let outside = |all: &[String]| all.iter().filter(|path| !path.starts_with("inbox")).count();
            assert_eq!(outside(&before), outside(&grown), "{folder} {state}");
            fs::write(&place, object).expect("the object");
        }
    }
}

fn walk(root: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(root).into_iter().flatten();
    entries.map(|entry| entry.path().strip_prefix(root).unwrap_or(root).display().to_string()).collect()
}

#[test]
fn a_person_can_be_forgotten() {
    let desk = Desk::new();
    let address = &[("email", "Jo@example.org"), ("notify", "1"), ("comment", "Yes.")];
    let ids: Vec<String> = (1..=4).map(|number| desk.receive(number, address)).collect();
    let other = desk.receive(9, &[("email", "al@example.org"), ("notify", "1"), ("comment", "Yes.")]);
    let moderation = desk.moderation();
    moderation.decide(&ids[1], Decision::Approve, later(1)).expect("approved");
    moderation.decide(&ids[2], Decision::Reject, later(2)).expect("rejected");
    moderation.decide(&ids[3], Decision::Spam, later(3)).expect("spam");
    let everything = |desk: &Desk| {
        let paths = walk(desk.root.path());
        let read = |path: &String| fs::read_to_string(desk.root.path().join(path)).ok();
        paths.iter().filter_map(read).collect::<String>()
    };
    assert!(everything(&desk).contains("Jo@example.org"));
    let remaining = moderation.forget(" jo@EXAMPLE.org", later(4)).expect("forgotten");
    let remaining: Vec<(&str, State)> = remaining.iter().map(|reply| (reply.id.as_str(), reply.notes.state)).collect();
    assert_eq!(remaining, [(ids[0].as_str(), State::Pending), (ids[1].as_str(), State::Approved)]);
    assert!(!everything(&desk).to_lowercase().contains("jo@example.org"));
    assert!(everything(&desk).contains("al@example.org"));
    assert_eq!(desk.states().len(), 3);
    assert!(moderation.forget("jo@example.org", later(5)).expect("once more").is_empty());
    moderation.decide(&ids[0], Decision::Approve, later(6)).expect("it is the reply that it was");
    moderation.decide(&other, Decision::Approve, later(6)).expect("as is the other");
}

/// A store that stops for good after so many steps, as if its process had been killed.
#[derive(Debug)]
struct Mortal {
    store: FolderStore,
    steps: Arc<AtomicUsize>,
    /// Whether the step that is the last is still done.
    dies_after: bool,
}

impl Mortal {
    fn step<T>(&self, change: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let left = self.steps.load(Ordering::SeqCst);
        if left == 0 {
            return Err(io::Error::other("killed"));
        }
        self.steps.store(left - 1, Ordering::SeqCst);
        if left > 1 || self.dies_after {
            let result = change();
            return if left > 1 { result } else { result.and(Err(io::Error::other("killed"))) };
        }
        Err(io::Error::other("killed"))
    }
}

impl Store for Mortal {
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.step(|| self.store.create(name, bytes))
    }
    fn read(&self, name: &str) -> io::Result<(Vec<u8>, Version)> {
        self.store.read(name)
    }
    fn replace(&self, name: &str, bytes: &[u8], version: &Version) -> io::Result<Option<Version>> {
        self.step(|| self.store.replace(name, bytes, version))
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.step(|| self.store.remove(name))
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.store.list()
    }
    fn probe(&self) -> io::Result<()> {
        self.store.probe()
    }
}

#[test]
fn wherever_a_decision_is_stopped_the_reply_is_in_one_place() {
    let mut seen: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    for dies_after in [false, true] {
        for (steps, undo) in (0..5).flat_map(|steps| [(steps, false), (steps, true)]) {
            let desk = Desk::new();
            let id = desk.receive(1, &[("author", "Jo"), ("comment", "Yes.")]);
            if undo {
                desk.moderation().decide(&id, Decision::Approve, later(1)).expect("approved");
            }
            let home = InboxFolder::new(desk.root.path(), "inbox");
            let store = Mortal { store: FolderStore::new(home.clone()), steps: Arc::new(steps.into()), dies_after };
            let dying = Spool::new(store, home);
            let moderation = Moderation::new(desk.root.path(), &dying, &Comments::default());
            let _ = match undo {
                false => moderation.decide(&id, Decision::Approve, later(2)).map(drop),
                true => moderation.undo(None, later(2)).map(drop),
            };
            // Another process looks.
            let listing = desk.moderation().list(&Filter::default(), later(3)).expect("a list");
            assert!(listing.problems.is_empty(), "{:?}", listing.problems);
            let [reply] = &listing.replies[..] else { panic!("{steps} {undo}: {listing:?}") };
            let in_thread = desk.files() == [format!("{id}.md")];
            assert_eq!(reply.notes.state == State::Approved, in_thread, "{steps} {undo}: {reply:?}");
            assert!(in_thread || desk.files().is_empty());
            assert!(matches!(reply.notes.state, State::Approved | State::Pending), "{reply:?}");
            assert_eq!(reply.form.comment().is_empty(), in_thread, "its text is in one place: {reply:?}");
            assert_eq!(desk.moderation().show(&id, later(3)).expect("it is there").form.comment(), "Yes.");
            *seen.entry((undo, reply.notes.state.as_str())).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), 4, "some are stopped before the point of no return, some after: {seen:?}");
}

#[test]
fn many_moderators_at_once_decide_each_reply_once() {
    let desk = Desk::new();
    let ids: Vec<String> = (1..=6).map(|number| desk.receive(number, &[("comment", "Yes.")])).collect();
    let decided: Vec<bool> = std::thread::scope(|scope| {
        let decisions = [Decision::Approve, Decision::Spam, Decision::Reject, Decision::Approve];
        let threads: Vec<_> = decisions
            .into_iter()
            .map(|decision| {
                let (desk, ids) = (&desk, &ids);
                scope.spawn(move || {
                    // Each process opens the inbox for itself.
                    let spool = Spool::open(desk.root.path(), "inbox").expect("a spool");
                    let moderation = Moderation::new(desk.root.path(), &spool, &Comments::default());
                    ids.iter().map(|id| moderation.decide(id, decision, later(1)).is_ok()).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(decided.iter().filter(|decided| **decided).count() >= ids.len());
    let approved = desk.states().iter().filter(|(_, state)| *state == State::Approved).count();
    assert_eq!((desk.states().len(), desk.files().len()), (6, approved));
}

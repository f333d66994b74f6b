//! Spools of both kinds keep the same promises.

use std::fs;
use std::io::ErrorKind;
use std::sync::Barrier;
use std::thread;

use super::*;
use crate::replies::guard::{Cause, Disposition, Label, Reason, ReplyText, Verdict};
use crate::replies::tests::{blog, form, moment, names};
use crate::replies::{Mail, find_target, new_id};
use crate::source::Fingerprint;

/// A reply of these fields to the post about tea.
pub fn reply(random: u32, fields: &[(&str, &str)]) -> ReplyObject {
    let form = form(&[&[("page", "/posts/tea/")], fields].concat()).expect("a reply");
    let site = blog();
    let place = find_target(&site, &form, super::super::tests::now()).expect("a place");
    ReplyObject::new(new_id(moment(), random), form, &site, &place, Verdict::default(), moment())
}

/// A spool in a folder, and one in a bucket if there are buckets.
fn spools() -> Vec<(Spool, tempfile::TempDir)> {
    let folder = || tempfile::tempdir().expect("a folder");
    let root = folder();
    #[allow(unused_mut, reason = "without buckets there is one")]
    let mut spools = vec![(Spool::open(root.path(), DEFAULT_FOLDER).expect("a spool"), root)];
    #[cfg(feature = "cloud")]
    {
        let root = folder();
        let store = std::sync::Arc::new(object_store::memory::InMemory::new());
        let bucket = bucket::BucketStore::new(store, "blog/inbox".into()).expect("a bucket");
        spools.push((Spool::new(bucket, InboxFolder::new(root.path(), DEFAULT_FOLDER)), root));
    }
    spools
}

#[test]
fn a_reply_comes_out_as_it_went_in() {
    let mut full = reply(
        7,
        &[
            ("author", "Jo \\ \"Jay\" +++"),
            ("url", "jo.example"),
            ("email", "jo@example.org"),
            ("notify", "1"),
            ("reply_to", "1"),
            ("comment", "One\n+++\n#: state = \"approved\"\n\\+++\n```\n+++"),
        ],
    );
    let word = |word: &str| Reason { cause: Cause::Word { word: word.to_owned() }, weight: 150 };
    let reasons = vec![
        word("a \"quoted\"\n\nword\u{7}\u{7f}"),
        word("+++"),
        word("'''\n#: x"),
        Reason { cause: Cause::NoToken, weight: -10 },
    ];
    full.notes.guard = Verdict { score: -1, decision: Disposition::Strict, reasons };
    full.notes.revision = 3;
    full.notes.decided = Some(moment());
    full.notes.previous_state = Some(State::Spam);
    for (spool, _root) in spools() {
        for mut reply in [reply(1, &[("comment", "Yes.")]), full.clone()] {
            for state in [State::Pending, State::Approving, State::Returning, State::Rejected, State::Spam] {
                reply.notes.state = state;
                reply.id = new_id(moment(), state as u32 * 2 + reply.notes.revision);
                spool.add(&reply).expect("it is kept");
                assert_eq!(spool.get(&reply.id).expect("it is there").reply, reply, "{}", reply.to_object());
            }
        }
        let (all, problems) = spool.all().expect("a list");
        assert_eq!((all.len(), problems.len()), (10, 0));
        assert!(all.is_sorted_by_key(|stored| stored.reply.id.clone()));
    }
}

#[test]
fn an_object_is_a_comment_file_that_waits() {
    let reply = reply(7, &[("author", "Jo"), ("email", "jo@example.org"), ("comment", "Yes.")]);
    let object = reply.to_object();
    assert!(!object.contains("jo@example.org"), "an address is kept only where a notice was asked for: {object}");
    let text = "+++\n#: state = \"pending\"\n#: page = \"/posts/tea/\"\n#: document = \"content/posts/tea.md\"\n\
                #: folder = \"content/posts/tea.comments\"\n#: received = \"2024-05-31T18:30:00.25Z\"\n\
                #: \n#: [guard]\n#: score = 0\n#: decision = \"queue\"\nid = \"20240531-183000-250-700000\"\nauthor = \"Jo\"\n\
                date = 2024-05-31T18:30:00Z\nstatus = \"pending\"\nby_author = false\n+++\nYes.\n";
    assert_eq!(object, text);
    assert_eq!(
        reply.to_comment_file(),
        "+++\nauthor = \"Jo\"\ndate = 2024-05-31T18:30:00Z\nstatus = \"approved\"\nby_author = false\n+++\nYes.\n"
    );
}

#[test]
fn what_other_versions_have_kept_is_read() {
    let root = tempfile::tempdir().expect("a folder");
    let spool = Spool::open(root.path(), DEFAULT_FOLDER).expect("a spool");
    let reply = reply(7, &[("comment", "Yes.")]);
    spool.add(&reply).expect("it is kept");
    let file = root.path().join(format!("inbox/{}.md", reply.id));
    let before = "#: [guard]\n#: score = 0\n#: decision = \"queue\"\n";
    let reason = Reason { cause: Cause::Links { count: 3, limit: 2 }, weight: 30 };
    let later = Verdict { score: 80, decision: Disposition::Strict, reasons: vec![reason] };
    for (now, guard) in [
        ("#: course = \"queue\"\n#: score = 0.0\n", Verdict::default()),
        ("", Verdict::default()),
        (
            "#: [guard]\n#: score = 80\n#: decision = \"strict\"\n#: [[guard.reasons]]\n#: name = \"from-the-future\"\n#: why = 1\n\
             #: weight = 50\n#: [[guard.reasons]]\n#: name = \"links\"\n#: count = 3\n#: most = 2\n#: weight = 30\n",
            later,
        ),
    ] {
        let object = reply.to_object().replace(before, now);
        fs::write(&file, object).expect("it is ours");
        assert_eq!(spool.get(&reply.id).expect("it is a reply").reply.notes.guard, guard, "{now}");
    }
}

#[test]
fn many_teach_at_once_and_nothing_of_it_is_lost() {
    for (spool, _root) in spools() {
        thread::scope(|scope| {
            for number in 0..4 {
                let spool = &spool;
                scope.spawn(move || {
                    for round in 0..4 {
                        let comment = format!("Word{number} word{round}");
                        let text = ReplyText { author: None, email: None, url: None, comment: &comment };
                        spool.update_guard_model(|model| model.learn(&text, Label::Spam)).expect("it is learned");
                    }
                });
            }
        });
        assert_eq!(spool.guard_model().expect("it is readable").0.decisions(), (0, 16));
        assert_eq!(spool.all().map(|(all, problems)| (all.len(), problems.len())).expect("a list"), (0, 0));
    }
}

#[test]
fn mail_is_tried_again_more_and_more_seldom_and_given_up() {
    let later = |minutes| moment() + jiff::SignedDuration::from_mins(minutes);
    for (spool, _root) in spools() {
        let mail = Mail::new("jo@example.org", "Hello", "Hello.");
        assert!(spool.queue_mail("../key", &mail, moment()).is_err());
        spool.queue_mail("notice-1", &mail, moment()).expect("it is kept");
        spool.queue_mail("notice-1", &Mail::new("al@example.org", "Other", "Other."), moment()).expect("there is one");
        assert!(spool.claim_due_mail(later(-1)).expect("an outbox").is_none());
        let (mut minutes, mut tried) = (0, Vec::new());
        while let Some(due) = (minutes < 100_000).then(|| spool.claim_due_mail(later(minutes)).expect("an outbox")) {
            match due {
                None => minutes += 1,
                Some(due) => {
                    assert_eq!((due.id.as_str(), &due.mail), ("notice-1", &mail));
                    assert!(spool.claim_due_mail(later(minutes)).expect("an outbox").is_none(), "nobody else gets it");
                    tried.push(minutes);
                    if due.is_last {
                        break;
                    }
                }
            }
        }
        // The first pause is longer than the slowest server may take: nobody else sends the mail meanwhile.
        assert_eq!(tried, [0, 10, 25, 85, 265, 625, 1345, 2065, 2785]);
        spool.remove_mail_to("jo@example.org", |id| id != "notice-1").expect("nothing is chosen");
        assert!(spool.claim_due_mail(later(99_999)).expect("an outbox").is_some());
        for to in ["al@example.org", "Jo@Example.org "] {
            spool.remove_mail_to(to, |_| true).expect("it can be removed");
            assert_eq!(spool.claim_due_mail(later(200_000)).expect("an outbox").is_some(), to.starts_with("al"));
        }
        assert_eq!(spool.all().map(|(all, problems)| (all.len(), problems.len())).expect("a list"), (0, 0));
    }
}

#[test]
fn no_reply_takes_the_place_of_another() {
    for (spool, _root) in spools() {
        let first = reply(7, &[("comment", "First.")]);
        spool.add(&first).expect("it is kept");
        let error = spool.add(&reply(7, &[("comment", "Second.")])).expect_err("the id is taken");
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(spool.get(&first.id).expect("it is there").reply.form.comment(), "First.");
    }
}

#[test]
fn of_many_who_change_a_reply_at_once_one_does() {
    for (spool, _root) in spools() {
        let first = reply(7, &[("comment", "First.")]);
        spool.add(&first).expect("it is kept");
        let (stored, ready) = (spool.get(&first.id).expect("it is there"), Barrier::new(8));
        let change = |n: u32| {
            let mut reply = stored.reply.clone();
            reply.notes.revision = n;
            ready.wait();
            spool.update(&stored, reply)
        };
        let results: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (1..=8).map(|n| scope.spawn(move || change(n))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let changed: Vec<u32> = results.iter().flatten().map(|stored| stored.reply.notes.revision).collect();
        assert_eq!(changed.len(), 1, "{results:?}");
        assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(SpoolError::Changed))));
        let now = spool.get(&first.id).expect("it is there");
        assert_eq!(now.reply.notes.revision, changed[0]);
        // And the one who did can go on.
        let won = results.into_iter().flatten().next().expect("one did");
        assert!(spool.update(&won, first.clone()).is_ok());
        spool.remove(&first.id).expect("it can be removed");
        spool.remove(&first.id).expect("once more is no error");
        assert!(matches!(spool.update(&now, first.clone()), Err(SpoolError::NotFound | SpoolError::Changed)));
        assert!(matches!(spool.get(&first.id), Err(SpoolError::NotFound)));
    }
}

#[test]
fn what_is_no_id_names_no_object() {
    for (spool, root) in spools() {
        fs::write(root.path().join("secret.md"), "+++\ndate = 2024-01-01\n+++\nSecret.\n").expect("a file");
        for bad in ["", ".", "..", "../secret", "..%2fsecret", "a/b", "/etc/passwd", "A", "a.b", "a\0", &"a".repeat(65)]
        {
            assert!(matches!(spool.get(bad), Err(SpoolError::NotFound)), "{bad}");
        }
    }
}

#[test]
fn what_is_no_reply_is_told_and_the_rest_is_there() {
    let root = tempfile::tempdir().expect("a folder");
    let spool = Spool::open(root.path(), DEFAULT_FOLDER).expect("a spool");
    let good = reply(7, &[("comment", "Yes.")]);
    spool.add(&good).expect("it is kept");
    let object = good.to_object();
    let place = |name: &str| root.path().join(DEFAULT_FOLDER).join(name);
    for (name, text) in [
        ("a.md", "no comment at all".to_owned()),
        ("b.md", object.replace("#: state = \"pending\"", "#: state = \"published\"")),
        ("c.md", object.replace("#: page", "# page")),
        ("d.md", format!("{object}{object}")),
        ("e.md", object.replace("author", "autor").replace("id =", "idd =")),
        ("f.md", "\u{fffd}".repeat(3)),
    ] {
        fs::write(place(name), text).expect("a file");
    }
    fs::write(place("notes.txt"), "mine").expect("a file");
    fs::create_dir(place("folder.md")).expect("a folder");
    fs::write(place("g.md"), b"+++\n\xff").expect("a file");
    let (all, problems) = spool.all().expect("a list");
    assert_eq!(all.len(), 1);
    assert_eq!(problems.len(), 7, "{problems:#?}");
    assert!(problems.iter().all(|problem| problem.location.is_some()));
}

#[test]
fn the_folder_keeps_itself_out_of_version_control() {
    let root = tempfile::tempdir().expect("a folder");
    let spool = Spool::open(root.path(), "elsewhere/").expect("a spool");
    assert!(spool.all().expect("an empty list").0.is_empty());
    assert!(names(root.path()).is_empty(), "looking makes nothing");
    spool.probe().expect("it can be written to");
    assert_eq!(names(&root.path().join("elsewhere")), [".gitignore"]);
    let ignore = fs::read_to_string(root.path().join("elsewhere/.gitignore")).expect("the file");
    assert!(ignore.ends_with("\n*\n"));
    let absolute = root.path().join("far");
    let spool = Spool::open(std::path::Path::new("/nowhere"), &absolute.to_string_lossy()).expect("a spool");
    spool.add(&reply(7, &[("comment", "Yes.")])).expect("it is kept");
    assert_eq!(names(&absolute).len(), 2);
}

#[cfg(feature = "cloud")]
#[test]
fn only_buckets_can_be_shared() {
    let open = |place: &str| Spool::open(std::path::Path::new("."), place);
    for place in ["s3://bucket/folder", "s3://bucket", "gs://bucket/folder", "https://bucket.s3.amazonaws.com/folder"] {
        open(place).expect(place);
    }
    for place in
        ["memory:///folder", "file:///tmp/folder", "https://tea.example/folder", "s3://", "ftp://bucket", "://"]
    {
        let problem = open(place).expect_err(place);
        assert!(problem.message.contains(place) && problem.help.is_some(), "{problem:?}");
    }
}

#[test]
fn what_is_used_up_stays_so_until_it_has_ended_anyway() {
    for (spool, _root) in spools() {
        let at = |second| jiff::Timestamp::from_second(second).expect("a moment");
        let (one, other) = (OneTimeUse::new(&[1; 32], at(100)), OneTimeUse::new(&[2; 32], at(200)));
        assert!(!spool.is_used_up(&one).expect("it can be read"));
        let barrier = Barrier::new(4);
        let first = thread::scope(|scope| {
            let use_up = || {
                barrier.wait();
                spool.use_up(&one).expect("it can be written")
            };
            let users: Vec<_> = (0..4).map(|_| scope.spawn(use_up)).collect();
            users.into_iter().map(|user| user.join().expect("no panic")).filter(|first| *first).count()
        });
        assert_eq!(first, 1, "of those who come at once one is the first");
        assert!(spool.use_up(&other).expect("it can be written") && !spool.use_up(&other).expect("it can be read"));
        spool.remove_expired_uses(at(150)).expect("it can be read");
        assert!(!spool.is_used_up(&one).expect("ok") && spool.is_used_up(&other).expect("ok"));
        // None of this is a reply.
        assert_eq!(spool.trusted_since().expect("it can be read"), None);
        spool.revoke_signatures(at(150)).expect("it can be written");
        spool.revoke_signatures(at(160)).expect("it can be written");
        assert_eq!(spool.trusted_since().expect("it can be read"), Some(at(160)));
        let (replies, problems) = spool.all().expect("it can be read");
        assert!(replies.is_empty() && problems.is_empty());
    }
}

/// A folder that counts what is read of it, and lets nobody read while its gate is locked.
#[derive(Debug)]
struct Counting(FolderStore, std::sync::Arc<std::sync::atomic::AtomicUsize>, std::sync::Arc<Mutex<()>>);

impl Store for Counting {
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.create(name, bytes)
    }

    fn read(&self, name: &str) -> io::Result<(Vec<u8>, Version)> {
        self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        drop(lock(&self.2));
        self.0.read(name)
    }

    fn metadata(&self, name: &str) -> Option<FileMetadata> {
        self.0.metadata(name)
    }

    fn replace(&self, name: &str, bytes: &[u8], version: &Version) -> io::Result<Option<Version>> {
        self.0.replace(name, bytes, version)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.0.list()
    }

    fn probe(&self) -> io::Result<()> {
        self.0.probe()
    }
}

#[test]
fn a_list_reads_what_has_changed_since_the_last() {
    let root = tempfile::tempdir().expect("a folder");
    let home = InboxFolder::new(root.path(), DEFAULT_FOLDER);
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let spool = Spool::new(Counting(FolderStore::new(home.clone()), count.clone(), std::sync::Arc::default()), home);
    let reply: Vec<ReplyObject> = (0..20).map(|number| reply(number, &[("comment", "Yes.")])).collect();
    reply.iter().for_each(|reply| spool.add(reply).expect("it is kept"));
    // What was just written could change again unseen.
    thread::sleep(std::time::Duration::from_millis(50));
    let words = || {
        let (all, problems) = spool.all().expect("a list");
        assert!(problems.is_empty() && all.is_sorted_by_key(|stored| stored.reply.id.clone()));
        let read = count.swap(0, std::sync::atomic::Ordering::Relaxed);
        (read, all.iter().filter(|it| it.reply.form.comment() == "Yes.").count(), all.len())
    };
    assert_eq!(words(), (20, 20, 20));
    assert_eq!(words(), (0, 20, 20));
    // Its author edits one as a file, another one goes, and one comes.
    let file = root.path().join(format!("{DEFAULT_FOLDER}/{}.md", reply[3].id));
    fs::write(&file, fs::read_to_string(&file).expect("an object").replace("Yes.", "No!!")).expect("written");
    spool.remove(&reply[4].id).expect("removed");
    spool.add(&super::tests::reply(99, &[("comment", "Yes.")])).expect("kept");
    assert_eq!(words(), (2, 19, 20));
}

#[test]
fn whoever_lists_while_another_one_does_reads_no_more_than_they() {
    let root = tempfile::tempdir().expect("a folder");
    let home = InboxFolder::new(root.path(), DEFAULT_FOLDER);
    let (count, gate) = (Arc::new(std::sync::atomic::AtomicUsize::new(0)), Arc::new(Mutex::new(())));
    let spool = Spool::new(Counting(FolderStore::new(home.clone()), count.clone(), gate.clone()), home);
    (0..20).for_each(|number| spool.add(&reply(number, &[("comment", "Yes.")])).expect("it is kept"));
    thread::sleep(std::time::Duration::from_millis(50));
    spool.all().expect("a list");
    spool.add(&reply(99, &[("comment", "Yes.")])).expect("it is kept");
    count.store(0, std::sync::atomic::Ordering::Relaxed);
    let closed = lock(&gate);
    thread::scope(|scope| {
        for number in 1..=2 {
            scope.spawn(|| assert_eq!(spool.all().expect("a list").0.len(), 21));
            // Each waits before the gate with the first that it reads.
            while count.load(std::sync::atomic::Ordering::Relaxed) < number {
                thread::yield_now();
            }
        }
        drop(closed);
    });
    assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), 2);
}

#[test]
fn the_oldest_replies_that_are_decided_are_forgotten_first() {
    let stored = |number: i64, state: State, text: usize| {
        let mut reply = reply(0, &[("comment", &"a".repeat(text))]);
        reply.id = new_id(jiff::Timestamp::from_second(1_700_000_000 + number).expect("a moment"), 0);
        reply.notes.state = state;
        (FileMetadata::of_bytes(b""), Arc::new(StoredReply { reply, version: Version::Bytes(Fingerprint::of(b"")) }))
    };
    let all = [
        stored(0, State::Spam, 1000),
        stored(1, State::Pending, 1000),
        stored(2, State::Rejected, 1000),
        stored(3, State::Spam, 3000),
        stored(4, State::Pending, 1000),
    ];
    let left = |replies: usize, text: usize| {
        let known = build_cache(all.to_vec(), replies * REPLY_OVERHEAD + text);
        (0..5).filter(|&number| known.contains_key(&all[number].1.reply.id)).collect::<Vec<usize>>()
    };
    assert_eq!(left(5, 7000), [0, 1, 2, 3, 4]);
    assert_eq!(left(5, 6999), [1, 2, 3, 4]);
    assert_eq!(left(3, 5000), [1, 3, 4]);
    // What is older than one that does not fit is not looked at.
    assert_eq!(left(3, 4999), [1, 4]);
    assert_eq!(left(1, 1000), [4]);
    assert_eq!(left(0, 0), [0; 0]);
}

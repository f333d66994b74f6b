//! Who is trusted, and who is written to, and how that ends.

use super::*;
use crate::config::Config;
use crate::replies::{Key, Mail};
use crate::source::MemoryWorld;

const SITE: &str = "base_url = \"https://blog.example\"\n[comments]\nendpoint = \"/-/comments\"\n\
                    [comments.mail]\nserver = \"127.0.0.1\"\ntls = \"never\"\nfrom = \"blog@blog.example\"\n";

impl Desk {
    /// With mail to readers.
    fn telling(&self) -> Moderation<'_> {
        let world: MemoryWorld = [("site.toml", SITE)].into_iter().collect();
        let config = Config::load(&world).0.expect("a configuration");
        let notices = NotificationWriter::for_site(&config, &Key::new([7; 32]));
        assert!(notices.is_some(), "the site sends mail");
        self.moderation().with_notifications(notices)
    }

    /// A reply of somebody whose browser says this name.
    fn receive_from(&self, number: u32, writer: &str, fields: &[(&str, &str)]) -> String {
        let id = self.receive(number, fields);
        let stored = self.spool.get(&id).expect("it is there");
        let mut reply = stored.reply.clone();
        reply.notes.writer = Some(writer.to_owned());
        self.spool.update(&stored, reply).expect("it is theirs");
        id
    }

    /// An answer to a reply that was approved since the site was loaded.
    fn receive_answer(&self, number: u32, to: &str) -> String {
        let id = self.receive(number, &[("comment", "Because.")]);
        let stored = self.spool.get(&id).expect("it is there");
        let form = form(&[("page", "/posts/tea/"), ("reply_to", to), ("comment", "Because.")]).expect("a reply");
        let reply = ReplyObject { form, ..stored.reply.clone() };
        self.spool.update(&stored, reply).expect("it answers");
        id
    }

    /// Somebody whom two approved replies speak for.
    fn trust(&self, number: u32, writer: &str) {
        for number in [number, number + 1] {
            let id = self.receive_from(number, writer, &[("comment", "Good.")]);
            self.moderation().decide(&id, Decision::Approve, later(0)).expect("approved");
        }
    }

    /// Whether a reply is published at once.
    fn skips(&self, id: &str, now: Timestamp) -> bool {
        self.telling().skip_queue(id, 2, now).expect("it can be decided").is_some()
    }

    /// The mails that wait to be sent.
    fn outbox(&self) -> Vec<String> {
        let all = names(&self.root.path().join("inbox"));
        all.iter().filter_map(|name| name.strip_suffix(".mail")).map(str::to_owned).collect()
    }
}

fn asking(address: &str) -> [(&str, &str); 3] {
    [("email", address), ("notify", "1"), ("comment", "Why?")]
}

#[test]
fn who_is_trusted_has_nobody_asked_but_themselves() {
    let desk = Desk::new();
    desk.trust(1, "jo");
    desk.trust(3, "al");
    let victim = desk.receive_from(5, "jo", &asking("victim@example.org"));
    assert!(desk.skips(&victim, later(1)));
    assert_eq!(desk.outbox(), [""; 0], "nobody has read it, and anybody may have that address");

    // One that a moderator has read is asked about, and the answer is theirs.
    let own = desk.receive_from(6, "jo", &asking("jo@example.org"));
    desk.telling().decide(&own, Decision::Approve, later(2)).expect("approved");
    assert_eq!(desk.outbox(), [format!("question-{own}")]);
    let early = desk.receive_from(7, "jo", &asking("jo@example.org"));
    assert!(desk.skips(&early, later(3)));
    assert_eq!(desk.outbox().len(), 1, "that it was asked proves nothing");
    desk.telling().grant(SubscriptionRequest::Subscribe, &own).expect("confirmed");
    let next = desk.receive_from(8, "jo", &asking("JO@example.org"));
    assert!(desk.skips(&next, later(4)));
    assert_eq!(desk.outbox(), [format!("question-{own}"), format!("question-{next}")]);
    // But not by somebody else's word.
    let foreign = desk.receive_from(9, "al", &asking("jo@example.org"));
    assert!(desk.skips(&foreign, later(5)));
    assert_eq!(desk.outbox().len(), 2);

    // What was taken back and then approved by somebody was read.
    desk.telling().undo(Some(&victim), later(6)).expect("taken back");
    desk.telling().decide(&victim, Decision::Approve, later(7)).expect("approved");
    assert!(desk.outbox().contains(&format!("question-{victim}")));
}

#[test]
fn who_wants_no_more_mail_is_forgotten_in_all_they_wrote() {
    let desk = Desk::new();
    let moderation = desk.telling();
    let (one, two) = (desk.receive(1, &asking("jo@example.org")), desk.receive(2, &asking("Jo@Example.org")));
    let other = desk.receive(3, &asking("al@example.org"));
    for id in [&one, &two, &other] {
        moderation.decide(id, Decision::Approve, later(1)).expect("approved");
        moderation.grant(SubscriptionRequest::Subscribe, id).expect("confirmed");
    }
    for (number, to) in [(4, &two), (5, &other)] {
        let id = desk.receive_answer(number, to);
        moderation.decide(&id, Decision::Approve, later(2)).expect("approved");
    }
    let waiting = desk.receive(6, &asking("jo@example.org"));
    // Jo is the author of this site, say, and is told of replies too.
    let letter = Mail::new("jo@example.org", "A reply", "A reply.");
    desk.spool.queue_mail("reply-1-0", &letter, later(2)).expect("it is kept");
    assert_eq!(desk.outbox().len(), 6, "{:?}", desk.outbox());

    assert!(moderation.grant(SubscriptionRequest::Unsubscribe, &one).expect("it stops").is_some());
    let mut left = desk.outbox();
    left.retain(|name| name != "reply-1-0" && name != &format!("question-{other}"));
    assert_eq!((left.len(), left[0].starts_with("news-")), (1, true), "{left:?}");
    assert_eq!(desk.outbox().len(), 3, "the letter to the author, and what is sent to the other one");
    for id in [&one, &two, &waiting] {
        assert!(!desk.read(&format!("inbox/{id}.md")).to_lowercase().contains("jo@example.org"), "{id}");
    }
    assert!(desk.read(&format!("inbox/{other}.md")).contains("al@example.org"));
    assert!(matches!(moderation.grant(SubscriptionRequest::Subscribe, &two), Err(EditRefusal::Late)));
    moderation.decide(&waiting, Decision::Approve, later(3)).expect("approved");
    assert_eq!(desk.outbox().len(), 3, "nobody is asked any more");
    assert!(moderation.grant(SubscriptionRequest::Unsubscribe, &one).expect("twice is once").is_some());
}

#[test]
fn trust_lasts_no_longer_than_what_it_is_made_of() {
    let desk = Desk::new();
    let days = |days: i64| later(days * 24 * 60);
    let ids = [1, 2].map(|number| desk.receive_from(number, "jo", &asking("jo@example.org")));
    for id in &ids {
        desk.moderation().decide(id, Decision::Approve, days(1)).expect("approved");
        desk.moderation().grant(SubscriptionRequest::Subscribe, id).expect("confirmed");
    }
    let bad = desk.receive_from(3, "jo", &[("comment", "Boo.")]);
    desk.moderation().decide(&bad, Decision::Reject, days(2)).expect("rejected");
    let next = desk.receive_from(4, "jo", &[("comment", "Again.")]);
    assert!(!desk.skips(&next, days(3)));
    // The rejection is forgotten. What was approved before it is still known, as somebody listens, and counts no more.
    assert!(!desk.skips(&next, days(33)));
    assert_eq!(desk.states().len(), 3);
    for id in &ids {
        let record = desk.read(&format!("inbox/{id}.md"));
        assert!(record.contains("confirmed = true") && !record.contains("writer = "), "{record}");
    }
    // What was decided lately does.
    for number in [5, 6] {
        let id = desk.receive_from(number, "jo", &[("comment", "Good.")]);
        desk.moderation().decide(&id, Decision::Approve, days(34)).expect("approved");
    }
    assert!(desk.skips(&next, days(35)));
}

#[test]
fn a_disk_that_fails_takes_nobody_s_trust() {
    let desk = Desk::new();
    desk.trust(1, "jo");
    let id = desk.receive_from(3, "jo", &[("comment", "Yes.")]);
    let (folder, aside) = (desk.root.path().join("content/posts/tea.comments"), desk.root.path().join("content/aside"));
    fs::rename(&folder, &aside).expect("it is ours");
    fs::write(&folder, "in the way").expect("it is ours");
    assert!(desk.moderation().skip_queue(&id, 2, later(1)).is_err());
    fs::remove_file(&folder).expect("it is ours");
    fs::rename(&aside, &folder).expect("it is ours");
    assert_eq!((desk.state(&id), desk.files().len()), (State::Pending, 2));
    let next = desk.receive_from(4, "jo", &[("comment", "No.")]);
    assert!(desk.skips(&next, later(2)) && desk.skips(&id, later(3)), "nobody has taken anything back");
}

#[test]
fn nobody_is_told_of_their_own_words() {
    let desk = Desk::new();
    let moderation = desk.moderation();
    let ids = [1, 2].map(|number| desk.receive(number, &[("comment", "Teh tea.")]));
    let untold = || -> Vec<String> {
        let untold = desk.moderation().unnotified(later(1)).expect("a list");
        untold.into_iter().map(|reply| reply.handle()).collect()
    };
    let first = moderation.show(&ids[0], later(1)).expect("it is there");
    moderation.mark_notified(&[first]).expect("noted");
    let edit = Edit { comment: Some("The tea.".to_owned()), ..Edit::default() };
    for id in &ids {
        moderation.edit(id, &edit, later(1)).expect("edited");
    }
    assert_eq!(untold(), [format!("{}.1", ids[1])], "but of what they have not been told of yet");
    moderation.rewrite(&ids[0], "Buy.", as_before).expect("its writer may");
    assert_eq!(untold(), [format!("{}.2", ids[0]), format!("{}.1", ids[1])]);
}

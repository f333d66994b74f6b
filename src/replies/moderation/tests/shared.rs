//! Several sites that share one spool.

use super::*;

/// A site of its own, with the replies that all of them share.
fn sharing(shared: &TempDir) -> Desk {
    let root = blog_on_disk();
    let spool =
        Spool::new(FolderStore::new(InboxFolder::new(shared.path(), "bucket")), InboxFolder::new(root.path(), "inbox"));
    Desk { spool, root, site: crate::replies::tests::blog() }
}

#[test]
fn what_another_site_has_begun_is_left_to_it_for_an_hour() {
    let shared = tempfile::tempdir().expect("a folder");
    let (store, desk) = (|| FolderStore::new(InboxFolder::new(shared.path(), "bucket")), || sharing(&shared));
    for (undo, late) in [(false, false), (false, true), (true, false), (true, true)] {
        let (here, there) = (desk(), desk());
        let id = here.receive(u32::from(undo) * 2 + u32::from(late), &[("comment", "Yes.")]);
        if undo {
            here.moderation().decide(&id, Decision::Approve, later(1)).expect("approved");
        }
        // Killed once it has said what it is about to do.
        let home = InboxFolder::new(here.root.path(), "inbox");
        let dying = Spool::new(Mortal { store: store(), steps: Arc::new(1.into()), dies_after: true }, home);
        let moderation = Moderation::new(here.root.path(), &dying, &Comments::default());
        let _ = match undo {
            false => moderation.decide(&id, Decision::Approve, later(2)).map(drop),
            true => moderation.undo(Some(&id), later(2)).map(drop),
        };
        let half = if undo { State::Returning } else { State::Approving };
        let moment = if late { later(63) } else { later(61) };
        let seen = there.moderation().show(&id, moment).expect("it is there");
        if late && !undo {
            // Nobody comes back: it is approved here.
            assert_eq!(
                (seen.notes.state, there.files(), here.files()),
                (State::Approved, vec![format!("{id}.md")], vec![])
            );
            let seen = here.moderation().list(&Filter::default(), moment).expect("a list");
            assert!(seen.replies.iter().any(|reply| reply.id == id && reply.notes.state == State::Approved));
            assert!(here.files().is_empty());
            here.spool.remove(&id).expect("nothing is left for the next");
            continue;
        }
        assert_eq!((seen.notes.state, seen.form.comment(), there.files()), (half, "Yes.", vec![]));
        for decision in [Decision::Approve, Decision::Reject, Decision::Spam] {
            let problem = problem(there.moderation().decide(&id, decision, moment));
            assert!(problem.contains("at another site"), "{problem}");
        }
        assert!(problem(there.moderation().undo(Some(&id), moment)).contains("at another site"));
        assert!(problem(there.moderation().edit(&id, &Edit::default(), moment)).contains("at another site"));
        // It comes back, and finishes it.
        let done = if undo { State::Pending } else { State::Approved };
        assert_eq!((here.state(&id), here.files().len()), (done, usize::from(!undo)));
        assert_eq!((there.moderation().show(&id, moment).is_ok(), there.files().len()), (undo, 0));
        here.spool.remove(&id).expect("nothing is left for the next");
    }
}

#[test]
fn who_comes_back_too_late_takes_back_what_they_made() {
    let shared = tempfile::tempdir().expect("a folder");
    let (here, there) = (sharing(&shared), sharing(&shared));
    let id = here.receive(1, &[("comment", "Yes.")]);
    let mut reply = here.spool.get(&id).expect("it is there").reply;
    (reply.notes.state, reply.notes.decided, reply.notes.previous_state) =
        (State::Approving, Some(later(1)), Some(State::Pending));
    reply.notes.lease = Some(here.moderation().lease(later(1)).expect("a name"));
    let stored = here.spool.update(&here.spool.get(&id).expect("it is there"), reply).expect("it is ours");
    // The machine sleeps here, and the other one takes over.
    assert_eq!(there.moderation().show(&id, later(90)).expect("it is there").notes.state, State::Approved);
    assert!(problem(here.moderation().settle(stored, &mut Vec::new())).contains("by somebody else"));
    assert_eq!((here.files().len(), there.files().len()), (0, 1));
}

#[test]
fn what_is_old_is_not_removed_while_somebody_brings_it_back() {
    let desk = Desk::new();
    let id = desk.receive(1, &[("comment", "Yes.")]);
    desk.moderation().decide(&id, Decision::Reject, later(1)).expect("rejected");
    let old = desk.spool.get(&id).expect("it is there");
    desk.moderation().undo(Some(&id), later(2)).expect("it waits again");
    // Another inbox has read it before that, and finds now that it is old.
    assert!(matches!(desk.moderation().delete(&old), Err(SpoolError::Changed)));
    assert_eq!(desk.state(&id), State::Pending);
}

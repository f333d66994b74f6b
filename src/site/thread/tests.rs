use std::fmt::Write;

use super::*;
use crate::content::parse_thread;
use crate::diagnostic::{Severity, SourceText};

/// Comments as `id date [> reply_to] [word …]`, one a line.
fn file(path: &str, story: &str) -> ThreadFile {
    let mut text = String::new();
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        let (id, date) = (words.next().expect("an id"), words.next().expect("a date"));
        let _ = writeln!(text, "+++\nid = \"{id}\"\ndate = {date}");
        while let Some(word) = words.next() {
            let _ = match word {
                ">" => writeln!(text, "reply_to = \"{}\"", words.next().expect("an id")),
                "pending" | "spam" => writeln!(text, "status = \"{word}\""),
                "true" | "false" => writeln!(text, "by_author = {word}"),
                "pingback" | "mastodon" => writeln!(text, "kind = \"{word}\""),
                author => writeln!(text, "author = \"{}\"", author.replace('_', " ")),
            };
        }
        let _ = writeln!(text, "+++\nThis is {id}.\n");
    }
    let (file, problems) = parse_thread(&SourceText { path: path.into(), text: text.into() });
    assert_eq!(problems, []);
    file
}

fn rules(order: Order, max_depth: usize) -> ThreadOptions<'static> {
    ThreadOptions { order, max_depth, authors: &[], pending: false }
}

/// The thread as it is shown: a comment a line, indented by its depth.
fn shown(story: &str, rules: &ThreadOptions<'_>) -> String {
    let (thread, problems) = link(vec![file("content/tea.comments.md", story)], rules);
    assert_eq!(problems, []);
    draw(&thread)
}

fn draw(thread: &Thread) -> String {
    let mut drawing = String::new();
    let mut open: Vec<usize> = thread.roots.iter().rev().copied().collect();
    let mut count = 0;
    while let Some(i) = open.pop() {
        let comment = &thread.comments[i];
        let to = comment.reply_to.map_or(String::new(), |to| format!(" > {}", thread.comments[to].id));
        let _ = writeln!(drawing, "{}{}{to}", "  ".repeat(comment.depth - 1), comment.id);
        open.extend(comment.replies.iter().rev());
        count += 1;
    }
    assert_eq!(count, thread.comments.len(), "each comment is shown once");
    drawing
}

const TALK: &str = "
    a 2024-01-01
    b 2024-01-02
    c 2024-01-03 > a
    d 2024-01-04 > c
    e 2024-01-05 > d
    f 2024-01-06 > a
    g 2024-01-07 > e
";

#[test]
fn replies_stand_below_what_they_answer() {
    let wanted = "a\n  c > a\n    d > c\n      e > d\n        g > e\n  f > a\nb\n";
    assert_eq!(shown(TALK, &rules(Order::Oldest, 9)), wanted);
}

#[test]
fn the_newest_thread_may_come_first_and_replies_stay_in_order() {
    let wanted = "b\na\n  c > a\n    d > c\n      e > d\n        g > e\n  f > a\n";
    assert_eq!(shown(TALK, &rules(Order::Newest, 9)), wanted);
}

#[test]
fn deeper_replies_are_shown_at_the_greatest_depth() {
    let story = format!("{TALK}\nh 2024-01-08 > d");
    let wanted = "a\n  c > a\n    d > c\n    e > d\n    g > e\n    h > d\n  f > a\nb\n";
    assert_eq!(shown(&story, &rules(Order::Oldest, 3)), wanted);
    let wanted = "a\n  c > a\n  d > c\n  e > d\n  f > a\n  g > e\n  h > d\nb\n";
    assert_eq!(shown(&story, &rules(Order::Oldest, 2)), wanted);
}

#[test]
fn without_depth_all_stand_in_one_row() {
    let wanted = "a\nb\nc > a\nd > c\ne > d\nf > a\ng > e\n";
    assert_eq!(shown(TALK, &rules(Order::Oldest, 1)), wanted);
    assert_eq!(shown(TALK, &rules(Order::Oldest, 0)), wanted);
    assert_eq!(shown(TALK, &rules(Order::Newest, 1)), "g > e\nf > a\ne > d\nd > c\nc > a\nb\na\n");
}

#[test]
fn a_reply_to_what_is_not_shown_takes_its_place() {
    let story = "
        a 2024-01-01
        hidden 2024-01-02 pending
        b 2024-01-03
        c 2024-01-04 > hidden
        d 2024-01-05 > c
        lost 2024-01-06 > a spam
        e 2024-01-07
        f 2024-01-08 > lost
        g 2024-01-09 > hidden
        h 2024-01-10 > a
    ";
    let wanted = "a\n  h > a\nc\n  d > c\ng\nb\nf\ne\n";
    assert_eq!(shown(story, &rules(Order::Oldest, 5)), wanted);
    let wanted = "e\nf\nb\ng\nc\n  d > c\na\n  h > a\n";
    assert_eq!(shown(story, &rules(Order::Newest, 5)), wanted);
}

#[test]
fn comments_are_numbered_by_their_dates_and_then_by_their_places() {
    let first = file("content/tea.comments.md", "late 2024-01-05\nsame-1 2024-01-02\nsame-2 2024-01-02");
    let second =
        file("content/tea.comments/x.md", "offset 2024-01-02T01:00:00+02:00\nno 2024-01-01 spam\nsame-3 2024-01-02");
    for files in [vec![first.clone(), second.clone()], vec![second, first]] {
        let (thread, problems) = link(files, &rules(Order::Oldest, 5));
        assert_eq!(problems, []);
        let order: Vec<(usize, &str)> = thread.comments.iter().map(|c| (c.number, c.id.as_str())).collect();
        assert_eq!(order, [(1, "offset"), (2, "same-1"), (3, "same-2"), (4, "same-3"), (5, "late")]);
    }
}

#[test]
fn a_comment_without_an_id_is_called_by_its_place() {
    let text = "+++\ndate = 2024-01-02\nstatus = \"spam\"\n+++\n+++\ndate = 2024-01-01\nreply_to = \"4\"\n+++\n";
    let parsed = |path: &str| parse_thread(&SourceText { path: path.into(), text: text.into() }).0;
    let (thread, problems) =
        link(vec![parsed("content/a.comments.md"), parsed("content/a.comments/two.md")], &rules(Order::Oldest, 5));
    let ids: Vec<&str> = thread.comments.iter().map(|comment| comment.id.as_str()).collect();
    assert_eq!(ids, ["2", "4"]);
    assert_eq!(problems.len(), 1, "the last one answers itself: {problems:?}");
}

#[test]
fn the_posts_author_is_marked() {
    let story = "
        a 2024-01-01 JO_FIELD
        b 2024-01-02 Ada
        c 2024-01-03 Jo_Field pingback
        d 2024-01-04
        e 2024-01-05 ada_byron
        f 2024-01-06 Jo_Field false
        g 2024-01-07 Jo true
        h 2024-01-08 true
        i 2024-01-09 Jo_Field pingback true
        j 2024-01-10 Somebody mastodon true
        k 2024-01-11 Jo_Field mastodon
    ";
    let authors = ["Jo Field ".to_owned(), "ada@example.org (Ada Byron)".to_owned(), ANONYMOUS.to_owned()];
    let rules = ThreadOptions { order: Order::Oldest, max_depth: 5, authors: &authors, pending: false };
    let (thread, _) = link(vec![file("content/tea.comments.md", story)], &rules);
    let marked: Vec<(&str, bool)> = thread.comments.iter().map(|c| (c.author(), c.by_author)).collect();
    assert_eq!(
        marked,
        [
            ("JO FIELD", true),
            ("Ada", false),
            ("Jo Field", false),
            (ANONYMOUS, false),
            ("ada byron", true),
            // Whoever wrote the file knows whether its name can be believed.
            ("Jo Field", false),
            ("Jo", true),
            (ANONYMOUS, true),
            ("Jo Field", false),
            ("Somebody", true),
            ("Jo Field", false)
        ]
    );
}

#[test]
fn a_chain_may_be_as_long_as_it_likes() {
    let mut story = String::from("0 2024-01-01");
    for n in 1..10_000 {
        let _ = write!(story, "\n{n} 2024-01-01 > {}", n - 1);
    }
    let (thread, problems) = link(vec![file("content/tea.comments.md", &story)], &rules(Order::Oldest, usize::MAX));
    assert_eq!(problems, []);
    assert_eq!(thread.comments.iter().map(|comment| comment.depth).max(), Some(10_000));
    let (thread, _) = link(vec![file("content/tea.comments.md", &story)], &rules(Order::Oldest, 5));
    assert_eq!(thread.comments[3].replies.len(), 9_996);
    // The same in a circle.
    let circle = story.replacen("0 2024-01-01", "0 2024-01-01 > 9999", 1);
    let (thread, problems) = link(vec![file("content/tea.comments.md", &circle)], &rules(Order::Oldest, 5));
    assert_eq!((thread.comments.len(), problems.len()), (10_000, 1));
}

#[test]
fn no_comments_are_no_thread() {
    assert_eq!(link(Vec::<ThreadFile>::new(), &rules(Order::Oldest, 5)), (Thread::default(), Vec::new()));
}

#[test]
fn a_reply_that_nobody_approved_may_have_lost_its_comment() {
    let told = |word: &str| {
        let story = format!("a 2024-01-01\n b 2024-01-02 > gone {word}").trim_end().to_owned();
        let (thread, problems) = link(vec![file("content/tea.comments.md", &story)], &rules(Order::Oldest, 5));
        let told: Vec<(Severity, Option<(usize, usize)>)> = problems
            .iter()
            .map(|problem| (problem.severity, problem.location.as_ref().and_then(Location::line_column)))
            .collect();
        (draw(&thread), told)
    };
    let line = Some((10, 12));
    assert_eq!(told("pending"), ("a\n".to_owned(), vec![(Severity::Warning, line)]));
    assert_eq!(told("spam"), ("a\n".to_owned(), Vec::new()));
    assert_eq!(told("").1, [(Severity::Error, line)]);
    // Whoever moderates sees it, as a thread of its own.
    let preview = ThreadOptions { pending: true, ..rules(Order::Oldest, 5) };
    let story = "a 2024-01-01\n b 2024-01-02 > gone pending";
    let (thread, _) = link(vec![file("content/tea.comments.md", story)], &preview);
    assert_eq!(draw(&thread), "a\nb\n");
}

mod print;
mod text_arguments;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use self::text_arguments::TextArguments;
use super::inbox::no_endpoint;
use super::{fail, say, show};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::inbox::{Origins, Publisher, find_moved, sign_in_link};
use crate::replies::{
    Decision, DecisionOutcome, Edit, Filter, Key, Moderation, NotificationWriter, ReplyObject, Spool, State, new_id,
};
use crate::source::DiskWorld;

/// Decide about replies
///
/// Replies that readers have sent wait in the folder inbox until you decide. A reply that is approved becomes a file beside
/// its post. ID is a reply's id or the end of one, as `causerie comments list` shows it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie comments list                       What waits for a decision
  causerie comments show k3v9qd                One of them, whole
  causerie comments approve k3v9qd 8w2m1x      Put two of them into their threads
  causerie comments reply k3v9qd --text \"Yes.\"  Approve one and answer it
  causerie comments undo                       Take the last decision back
  causerie comments link                       Sign in to decide in a browser
  causerie comments list --state spam --json   What was taken for spam, for programs")]
pub struct Comments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what waits
    List(List),
    /// Show one reply, whole
    Show(OneReply),
    /// Put replies into their threads
    Approve(ManyReplies),
    /// Put replies aside as spam
    Spam(ManyReplies),
    /// Put replies aside that are no spam, and are not wanted all the same
    Reject(ManyReplies),
    /// Change the words of a reply, in your editor or as said here
    Edit(EditReply),
    /// Answer a reply as the post's author; it is approved first
    Reply(Answer),
    /// Take a decision back: the last one, or the one about a reply
    Undo(Undo),
    /// Remove what is known of a person, by an e-mail address
    Forget(Forget),
    /// Print a link that signs you in to decide in a browser
    Link,
}

/// What is common to all commands.
#[derive(Args, Debug)]
struct OutputArguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is common to the commands that change the site.
#[derive(Args, Debug)]
struct ChangeArguments {
    /// Build the site afterwards, whatever site.toml says
    #[arg(long)]
    build: bool,
    /// Commit the change with git, whatever site.toml says
    #[arg(long)]
    commit: bool,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StateChoice {
    Pending,
    Approved,
    Spam,
    Rejected,
    All,
}

#[derive(Args, Debug)]
struct List {
    /// Which replies
    #[arg(long, value_name = "STATE", value_enum, default_value = "pending")]
    state: Vec<StateChoice>,
    /// Those to a page, by its path; with * at its end, to all pages below
    #[arg(long, value_name = "PATH")]
    page: Option<String>,
    /// Those with this in the name, the website or the text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Those that the spam guard scored so high, or higher
    #[arg(long, value_name = "SCORE")]
    min_score: Option<i32>,
    /// The newest so many
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Args, Debug)]
struct OneReply {
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Args, Debug)]
struct ManyReplies {
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    after: ChangeArguments,
}

#[derive(Args, Debug)]
struct EditReply {
    #[arg(value_name = "ID")]
    id: String,
    /// The writer's name; empty: none
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// The writer's website; empty: none
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    words: TextArguments,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Args, Debug)]
struct Answer {
    #[arg(value_name = "ID")]
    id: String,
    /// Who answers [default: the post's author, or `author` in site.toml]
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    #[command(flatten)]
    words: TextArguments,
    #[command(flatten)]
    after: ChangeArguments,
}

#[derive(Args, Debug)]
struct Undo {
    #[arg(value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    after: ChangeArguments,
}

#[derive(Args, Debug)]
struct Forget {
    #[arg(value_name = "ADDRESS")]
    address: String,
    #[command(flatten)]
    output: OutputArguments,
}

impl Comments {
    pub fn run(self, root: &Path) -> ExitCode {
        let (config, mut problems) = Config::load(&DiskWorld::new(root));
        // What else is wrong with the site is for `check` to say.
        let Some(config) = config else { return show(&mut problems) };
        let spool = match Spool::open(root, &config.comments.inbox) {
            Ok(spool) => spool,
            Err(problem) => return fail(problem),
        };
        let notices = match notices(&config, &spool) {
            Ok(notices) => notices,
            Err(problem) => return fail(problem),
        };
        let room = CommandContext {
            moderation: Moderation::new(root, &spool, &config.comments)
                .with_notifications(notices)
                .with_page_finder(|page| find_moved(root, page)),
            root: root.to_owned(),
            spool: &spool,
            config: &config,
            now: Timestamp::now(),
        };
        match room.run(self.command) {
            Ok(status) => status,
            Err(problem) => fail(problem),
        }
    }
}

/// Where decisions are made.
struct CommandContext<'a> {
    moderation: Moderation<'a>,
    root: PathBuf,
    spool: &'a Spool,
    config: &'a Config,
    now: Timestamp,
}

impl CommandContext<'_> {
    fn run(&self, command: Command) -> Result<ExitCode, Diagnostic> {
        match command {
            Command::List(list) => self.list(list),
            Command::Show(OneReply { id, output }) => {
                let kept = self.moderation.show(&id, self.now)?;
                print(&if output.json { print::json(&[kept], &[], 0) } else { print::whole(&kept) });
                Ok(ExitCode::SUCCESS)
            }
            Command::Approve(many) => self.decide(many, Decision::Approve),
            Command::Spam(many) => self.decide(many, Decision::Spam),
            Command::Reject(many) => self.decide(many, Decision::Reject),
            Command::Edit(edit) => self.edit(edit),
            Command::Reply(Answer { id, author, words, after }) => {
                let text = words.or_typed("")?.unwrap_or_default();
                let answer = new_id(self.now, random()?);
                let done = self.moderation.reply(&id, &text, author.as_deref(), answer, self.now)?;
                Ok(self.finish(done, &after, Vec::new()))
            }
            Command::Undo(Undo { id, after }) => {
                let done = self.moderation.undo(id.as_deref(), self.now)?;
                Ok(self.finish(vec![done], &after, Vec::new()))
            }
            Command::Forget(Forget { address, output }) => self.forget(&address, output.json),
            Command::Link => self.link(),
        }
    }

    fn list(&self, list: List) -> Result<ExitCode, Diagnostic> {
        let List { state, page, search, min_score, limit, output } = list;
        let states = state.iter().filter_map(|which| match which {
            StateChoice::Pending => Some(State::Pending),
            StateChoice::Approved => Some(State::Approved),
            StateChoice::Spam => Some(State::Spam),
            StateChoice::Rejected => Some(State::Rejected),
            StateChoice::All => None,
        });
        let states = if state.contains(&StateChoice::All) { Vec::new() } else { states.collect() };
        let filter = Filter { states, page, text: search, min_score, limit };
        let mut listing = self.moderation.list(&filter, self.now)?;
        if output.json {
            print(&print::json(&listing.replies, &[], listing.more));
        } else {
            print(&print::table(&listing.replies));
            let more = if listing.more == 0 { String::new() } else { format!(", and {} more", listing.more) };
            say(format_args!("{}{more}", replies(listing.replies.len())));
        }
        Ok(show(&mut listing.problems))
    }

    fn decide(&self, ManyReplies { ids, after }: ManyReplies, decision: Decision) -> Result<ExitCode, Diagnostic> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (mut done, mut problems) = (Vec::new(), Vec::new());
        for outcome in self.moderation.decide_all(&ids, decision, self.now)? {
            match outcome {
                Ok(one) => done.push(one),
                Err(problem) => problems.push(problem),
            }
        }
        Ok(self.finish(done, &after, problems))
    }

    fn edit(&self, EditReply { id, author, url, words, output }: EditReply) -> Result<ExitCode, Diagnostic> {
        let mut comment = words.said()?;
        let mut handle = id;
        if comment.is_none() && author.is_none() && url.is_none() {
            let kept = self.moderation.show(&handle, self.now)?;
            // What is edited is the text that was there when the editor was opened.
            handle = kept.handle();
            comment = text_arguments::typed(kept.form.comment())?;
            if comment.is_none() {
                say("Nothing was changed");
                return Ok(ExitCode::SUCCESS);
            }
        }
        let done = self.moderation.edit(&handle, &Edit { author, url, comment }, self.now)?;
        Ok(tell(&[done], output.json, Vec::new()))
    }

    fn forget(&self, address: &str, json: bool) -> Result<ExitCode, Diagnostic> {
        let remaining = self.moderation.forget(address, self.now)?;
        if json {
            print(&print::json(&remaining, &[], 0));
            return Ok(ExitCode::SUCCESS);
        }
        let shown = remaining.iter().filter(|kept| kept.notes.state == State::Approved);
        let shown: Vec<&ReplyObject> = shown.collect();
        let waiting = remaining.len() - shown.len();
        say("The address is removed, with every reply of it that was rejected or taken for spam");
        if waiting > 0 {
            say(format_args!("{} still waiting for a decision, without it", is_or_are(waiting)));
        }
        if !shown.is_empty() {
            say("Published, and to be removed by you if that is wanted as well:");
            shown.iter().for_each(|kept| print(&format!("{}\n", kept.path())));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn link(&self) -> Result<ExitCode, Diagnostic> {
        let endpoint = self.config.comments.endpoint.as_deref().ok_or_else(|| no_endpoint(self.config))?;
        let key = key(self.spool)?;
        let origins = Origins::new(&self.config.base_url, endpoint, "", &[]);
        let link = sign_in_link(&origins, &key, self.now).map_err(|error| no_random(&error))?;
        print(&format!("{link}\n"));
        say("Whoever opens it first within a quarter of an hour is signed in");
        Ok(ExitCode::SUCCESS)
    }

    /// Publishes what was done, and tells of it.
    fn finish(&self, done: Vec<DecisionOutcome>, after: &ChangeArguments, mut problems: Vec<Diagnostic>) -> ExitCode {
        let publisher = Publisher {
            root: self.root.clone(),
            commit: after.commit || self.config.comments.commit,
            build: after.build || self.config.comments.rebuild,
        };
        problems.extend(done.iter().flat_map(|done| done.problems.clone()));
        problems.extend(publisher.publish(&done));
        tell(&done, after.output.json, problems)
    }
}

/// Who writes to readers that want to hear of answers, if the inbox sends mail. It is the inbox that sends it.
fn notices(config: &Config, spool: &Spool) -> Result<Option<NotificationWriter>, Diagnostic> {
    if !config.comments.notices {
        return Ok(None);
    }
    Ok(NotificationWriter::of(config, &key(spool)?))
}

/// The key of the inbox.
fn key(spool: &Spool) -> Result<Key, Diagnostic> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| no_random(&error))?;
    Key::open(spool.home(), random).map_err(|error| Diagnostic::error(format!("links cannot be signed: {error}")))
}

/// Tells what was done.
fn tell(done: &[DecisionOutcome], json: bool, mut problems: Vec<Diagnostic>) -> ExitCode {
    if json {
        let replies: Vec<ReplyObject> = done.iter().map(|done| done.kept.clone()).collect();
        let changed: Vec<String> = done.iter().flat_map(|done| done.changed.clone()).collect();
        print(&print::json(&replies, &changed, 0));
    } else {
        for DecisionOutcome { kept, changed, .. } in done {
            let files = if changed.is_empty() { String::new() } else { format!(": {}", changed.join(", ")) };
            let before = kept.notes.before.filter(|before| *before != State::Pending);
            let was = before.map(|before| format!(", was {}", before.as_str())).unwrap_or_default();
            print(&format!("{} is {}{was}{files}\n", kept.handle(), kept.notes.state.as_str()));
        }
    }
    show(&mut problems)
}

fn replies(number: usize) -> String {
    if number == 1 { "1 reply".to_owned() } else { format!("{number} replies") }
}

fn is_or_are(number: usize) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    format!("{} {verb}", replies(number))
}

/// Prints what was asked for.
fn print(text: &str) {
    // A reader that has gone away is no reason to fail.
    let _ = anstream::stdout().write_all(text.as_bytes());
}

fn random() -> Result<u32, Diagnostic> {
    getrandom::u32().map_err(|error| no_random(&error))
}

fn no_random(error: &getrandom::Error) -> Diagnostic {
    Diagnostic::error(format!("this system gives no random numbers: {error}"))
}

mod print;
mod text_arguments;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use self::text_arguments::TextArguments;
use super::inbox::no_endpoint;
use super::{say, show, show_error};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::inbox::{Origins, Publisher, find_moved, sign_in_link};
use crate::replies::{
    Decision, DecisionOutcome, Edit, Filter, Key, Moderation, NotificationWriter, ReplyObject, Spool, State, new_id,
};
use crate::source::DiskWorld;

/// Moderate replies
///
/// Replies from readers wait in the folder inbox until you decide. An approved reply becomes a file beside its post. ID is
/// a reply's id, or the end of one as `causerie comments list` shows it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie comments list                       List the replies that wait for a decision
  causerie comments show k3v9qd                Show one of them in full
  causerie comments approve k3v9qd 8w2m1x      Publish two of them
  causerie comments reply k3v9qd --text \"Yes.\"  Approve one and answer it
  causerie comments undo                       Undo the last decision
  causerie comments link                       Moderate in a browser
  causerie comments list --state spam --json   List the spam as JSON")]
pub struct Comments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List replies: those that wait for a decision, unless --state says otherwise
    List(List),
    /// Show one reply in full
    Show(OneReply),
    /// Publish replies in their threads
    Approve(ManyReplies),
    /// Mark replies as spam
    Spam(ManyReplies),
    /// Reject replies that are not spam, but that you do not want to publish
    Reject(ManyReplies),
    /// Change a reply, in your editor or with options
    Edit(EditReply),
    /// Answer a reply as the post's author; it is approved first
    Reply(Answer),
    /// Undo the last decision, or the decision about one reply
    Undo(Undo),
    /// Remove an e-mail address and the unpublished data stored with it
    Forget(Forget),
    /// Print a link that signs you in to moderate in a browser
    Link,
}

/// Options that all commands have.
#[derive(Args, Debug)]
struct OutputArguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Options of the commands that change the site.
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
    /// Replies that wait for your decision
    Pending,
    /// Published replies
    Approved,
    /// Replies that the guard or you took for spam
    Spam,
    /// Replies that you rejected
    Rejected,
    /// Replies in any state
    All,
}

#[derive(Args, Debug)]
struct List {
    /// Only replies in this state
    #[arg(long, value_name = "STATE", value_enum, default_value = "pending")]
    state: Vec<StateChoice>,
    /// Only replies to the page at this path; end it with * for all pages below
    #[arg(long, value_name = "PATH")]
    page: Option<String>,
    /// Only replies with this in the name, the website or the text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only replies with at least this score from the spam guard
    #[arg(long, value_name = "SCORE")]
    min_score: Option<i32>,
    /// At most this many replies, the newest ones
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Args, Debug)]
struct OneReply {
    /// The id of the reply, or the end of it, as `causerie comments list` shows it
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Args, Debug)]
struct ManyReplies {
    /// The ids of replies, or the ends of them, as `causerie comments list` shows them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    change: ChangeArguments,
}

#[derive(Args, Debug)]
struct EditReply {
    /// The id of the reply, or the end of it, as `causerie comments list` shows it
    #[arg(value_name = "ID")]
    id: String,
    /// The writer's name; an empty one removes it
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// The writer's website; an empty one removes it
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    text: TextArguments,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Args, Debug)]
struct Answer {
    /// The id of the reply, or the end of it, as `causerie comments list` shows it
    #[arg(value_name = "ID")]
    id: String,
    /// The name to answer with [default: the post's author, or `author` in site.toml]
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    #[command(flatten)]
    text: TextArguments,
    #[command(flatten)]
    change: ChangeArguments,
}

#[derive(Args, Debug)]
struct Undo {
    /// The id of a reply, or the end of it [default: what you decided last]
    #[arg(value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    change: ChangeArguments,
}

#[derive(Args, Debug)]
struct Forget {
    /// The e-mail address
    #[arg(value_name = "ADDRESS")]
    address: String,
    #[command(flatten)]
    output: OutputArguments,
}

impl Comments {
    pub fn run(self, root: &Path) -> ExitCode {
        let (config, mut problems) = Config::load(&DiskWorld::new(root));
        // Other problems of the site are for `check` to report.
        let Some(config) = config else { return show(&mut problems) };
        let spool = match Spool::open(root, &config.comments.inbox) {
            Ok(spool) => spool,
            Err(problem) => return show_error(problem),
        };
        let notices = match notification_writer(&config, &spool) {
            Ok(notices) => notices,
            Err(problem) => return show_error(problem),
        };
        let context = CommandContext {
            moderation: Moderation::new(root, &spool, &config.comments)
                .with_notifications(notices)
                .with_page_finder(|page| find_moved(root, page)),
            root: root.to_owned(),
            spool: &spool,
            config: &config,
            now: Timestamp::now(),
        };
        match context.run(self.command) {
            Ok(status) => status,
            Err(problem) => show_error(problem),
        }
    }
}

/// The data that the commands work with.
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
                print(&if output.json { print::json(&[kept], &[], 0) } else { print::detail(&kept) });
                Ok(ExitCode::SUCCESS)
            }
            Command::Approve(many) => self.decide(many, Decision::Approve),
            Command::Spam(many) => self.decide(many, Decision::Spam),
            Command::Reject(many) => self.decide(many, Decision::Reject),
            Command::Edit(edit) => self.edit(edit),
            Command::Reply(Answer { id, author, text, change }) => {
                let text = text.read_or_edit("")?.unwrap_or_default();
                let answer = new_id(self.now, random()?);
                let outcomes = self.moderation.reply(&id, &text, author.as_deref(), answer, self.now)?;
                Ok(self.finish(outcomes, &change, Vec::new()))
            }
            Command::Undo(Undo { id, change }) => {
                let outcome = self.moderation.undo(id.as_deref(), self.now)?;
                Ok(self.finish(vec![outcome], &change, Vec::new()))
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

    fn decide(&self, ManyReplies { ids, change }: ManyReplies, decision: Decision) -> Result<ExitCode, Diagnostic> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (mut outcomes, mut problems) = (Vec::new(), Vec::new());
        for result in self.moderation.decide_all(&ids, decision, self.now)? {
            match result {
                Ok(outcome) => outcomes.push(outcome),
                Err(problem) => problems.push(problem),
            }
        }
        Ok(self.finish(outcomes, &change, problems))
    }

    fn edit(&self, EditReply { id, author, url, text, output }: EditReply) -> Result<ExitCode, Diagnostic> {
        let mut comment = text.read()?;
        let mut handle = id;
        if comment.is_none() && author.is_none() && url.is_none() {
            let kept = self.moderation.show(&handle, self.now)?;
            // The edit applies to the version that the editor shows.
            handle = kept.handle();
            comment = text_arguments::edit(kept.form.comment())?;
            if comment.is_none() {
                say("Nothing was changed");
                return Ok(ExitCode::SUCCESS);
            }
        }
        let outcome = self.moderation.edit(&handle, &Edit { author, url, comment }, self.now)?;
        Ok(print_outcomes(&[outcome], output.json, Vec::new()))
    }

    fn forget(&self, address: &str, json: bool) -> Result<ExitCode, Diagnostic> {
        let remaining = self.moderation.forget(address, self.now)?;
        if json {
            print(&print::json(&remaining, &[], 0));
            return Ok(ExitCode::SUCCESS);
        }
        let published = remaining.iter().filter(|kept| kept.notes.state == State::Approved);
        let published: Vec<&ReplyObject> = published.collect();
        let pending = remaining.len() - published.len();
        say("Removed the address, and every rejected or spam reply that was sent with it");
        if pending > 0 {
            say(format_args!("{} still waiting for a decision, now without the address", is_or_are(pending)));
        }
        if !published.is_empty() {
            say("These are published; remove them yourself if they should go as well:");
            published.iter().for_each(|kept| print(&format!("{}\n", kept.path())));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn link(&self) -> Result<ExitCode, Diagnostic> {
        let endpoint = self.config.comments.endpoint.as_deref().ok_or_else(|| no_endpoint(self.config))?;
        self.config.require_origin("the link leads to the server of the site")?;
        let key = open_key(self.spool)?;
        let origins = Origins::new(&self.config.base_url, endpoint, "", &[]);
        let link = sign_in_link(&origins, &key, self.now).map_err(|error| no_random_numbers(&error))?;
        print(&format!("{link}\n"));
        say("The link works once, within 15 minutes, and signs in the person who opens it");
        Ok(ExitCode::SUCCESS)
    }

    /// Publishes the changes, and prints the outcomes.
    fn finish(
        &self,
        outcomes: Vec<DecisionOutcome>,
        change: &ChangeArguments,
        mut problems: Vec<Diagnostic>,
    ) -> ExitCode {
        let publisher = Publisher {
            root: self.root.clone(),
            commit: change.commit || self.config.comments.commit,
            build: change.build || self.config.comments.rebuild,
        };
        problems.extend(outcomes.iter().flat_map(|outcome| outcome.problems.clone()));
        problems.extend(publisher.publish(&outcomes));
        print_outcomes(&outcomes, change.output.json, problems)
    }
}

/// Returns the writer of notifications to readers, if the site has them. The inbox sends them later.
fn notification_writer(config: &Config, spool: &Spool) -> Result<Option<NotificationWriter>, Diagnostic> {
    if !config.comments.notices {
        return Ok(None);
    }
    Ok(NotificationWriter::for_site(config, &open_key(spool)?))
}

/// Opens the inbox's key, or creates it.
fn open_key(spool: &Spool) -> Result<Key, Diagnostic> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| no_random_numbers(&error))?;
    Key::open(spool.inbox_folder(), random)
        .map_err(|error| Diagnostic::error(format!("links cannot be signed: {error}")))
}

/// Prints the outcomes of decisions, then the problems.
fn print_outcomes(outcomes: &[DecisionOutcome], json: bool, mut problems: Vec<Diagnostic>) -> ExitCode {
    if json {
        let replies: Vec<ReplyObject> = outcomes.iter().map(|outcome| outcome.reply.clone()).collect();
        let changed: Vec<String> = outcomes.iter().flat_map(|outcome| outcome.changed.clone()).collect();
        print(&print::json(&replies, &changed, 0));
    } else {
        for DecisionOutcome { reply: kept, changed, .. } in outcomes {
            let files = if changed.is_empty() { String::new() } else { format!(": {}", changed.join(", ")) };
            let before = kept.notes.previous_state.filter(|before| *before != State::Pending);
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

/// Prints a text to standard output.
fn print(text: &str) {
    // A closed pipe is no reason to fail.
    let _ = anstream::stdout().write_all(text.as_bytes());
}

fn random() -> Result<u32, Diagnostic> {
    getrandom::u32().map_err(|error| no_random_numbers(&error))
}

fn no_random_numbers(error: &getrandom::Error) -> Diagnostic {
    Diagnostic::error(format!("the system provides no random numbers: {error}"))
}

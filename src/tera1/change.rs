//! What a rewriting did, and what it leaves to a person.

use std::ops::Range;

/// The kind of a rewriting, for counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// A macro became a component.
    Macro,
    /// The import of a macro is gone.
    Import,
    /// A macro was called, and a component is now.
    MacroCall,
    /// A template of a shortcode defines a component.
    Shortcode,
    /// A shortcode was called, and a component is now.
    ShortcodeCall,
    /// Template syntax in a text that was only text.
    PlainText,
    /// A filter has another name or became an expression.
    Filter,
    /// A test has another name, or its argument has one.
    Test,
    /// A function, argument or variable has another name.
    Name,
    /// `a.0` became `a[0]`.
    Index,
    /// A value in a condition can be missing.
    Optional,
    /// `a and b` gave true or false, and gives one of the two now.
    Logic,
    /// Brackets around what a filter applied to.
    Precedence,
    /// A backslash in a quoted text.
    Escape,
    /// Text outside of the blocks of a template that extends another one.
    Unreachable,
    /// An include without `ignore missing`.
    Include,
    /// The tags of a block that no other template fills, in a loop or beside another one of its name.
    Block,
    /// A key of the configuration or of front matter.
    Key,
}

impl ChangeKind {
    /// Returns the words for it in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::Macro => "macros that became components",
            Self::Import => "imports of macros, which components do not need",
            Self::MacroCall => "calls of macros",
            Self::Shortcode => "shortcodes that became components",
            Self::ShortcodeCall => "calls of shortcodes",
            Self::PlainText => "places with braces that are only text",
            Self::Filter => "filters",
            Self::Test => "tests",
            Self::Name => "names of functions, arguments and variables",
            Self::Index => "indexes",
            Self::Optional => "values that may be missing",
            Self::Logic => "conditions whose result is true or false",
            Self::Precedence => "brackets around what a filter applies to",
            Self::Escape => "backslashes in quoted texts",
            Self::Unreachable => "texts outside of blocks, which were never shown",
            Self::Block => "tags of blocks in loops, or with the names of others",
            Self::Include => "includes of templates that may be missing",
            Self::Key => "keys of the configuration and of front matter",
        }
    }
}

/// One rewriting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind.
    pub kind: ChangeKind,
    /// The place in the old text.
    pub span: Range<usize>,
    /// Whether Tera 2 refuses the old form. It would take the others, but not with the same meaning.
    pub is_needed: bool,
}

/// Something that a person must decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The place in the old text.
    pub span: Range<usize>,
    /// What is there.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// A tag of a template that was rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewrittenTag {
    /// Its place in the old text.
    pub span: Range<usize>,
    /// What takes its place.
    pub text: String,
    /// The kind of the first rewriting without which Tera 2 refuses it, and its place.
    pub needed: Option<(ChangeKind, Range<usize>)>,
}

/// A text that was rewritten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The new text.
    pub text: String,
    /// What was rewritten.
    pub changes: Vec<Change>,
    /// What is left.
    pub decisions: Vec<Decision>,
    /// Templates that must exist, because Tera 2 has no `ignore missing`.
    pub required_templates: Vec<String>,
    /// The rewritten tags of a template.
    pub tags: Vec<RewrittenTag>,
}

//! Templates for texts: rendered within a budget.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;
use tera::{Context, Error, ErrorKind, Tera};

use super::budget::{self, BudgetLimit, InstrumentedTemplate, LimitedOutput};
use super::errors::{self, ONE_OFF};
use super::syntax::calls::{Callee, defined_names};
use super::syntax::lexer::{Tag, tags};
use crate::diagnostic::{Diagnostic, Location, SourceText};

/// Renders texts within a budget.
pub(super) struct BoundedTemplates {
    /// A Tera without templates and without the functions that count work.
    plain_tera: Tera,
    /// The same with the functions that count work.
    counting_tera: Tera,
    prefixes: Vec<String>,
    /// The templates for texts that call any, instrumented on first use.
    instrumented: OnceLock<InstrumentedTemplates>,
}

/// A Tera with all templates in instrumented form.
struct InstrumentedTemplates {
    tera: Tera,
    /// The templates by name, except those that cannot be instrumented, such as one that is nested as deep as Tera
    /// allows.
    templates: BTreeMap<String, InstrumentedTemplate>,
    /// Everything that no text may call: the other templates, the templates that reach them, and the components that
    /// any of these defines.
    forbidden: BTreeSet<Callee>,
}

/// Whether a text calls anything except components that it defines itself.
fn calls_templates(text: &str) -> bool {
    let own: FxHashSet<String> = defined_names(text, "component").collect();
    let is_own = |callee: &Callee| matches!(callee, Callee::Component(name) if own.contains(name));
    tags(text).any(|tag| tag.callees().iter().any(|callee| !is_own(callee)))
}

impl InstrumentedTemplates {
    /// Instruments templates for a Tera without templates.
    fn new(counting_tera: &Tera, prefixes: &[String], sources: &BTreeMap<String, SourceText>) -> Self {
        let instrument = |source: &SourceText| InstrumentedTemplate::new(&source.text).ok();
        let mut templates: BTreeMap<String, InstrumentedTemplate> =
            sources.iter().filter_map(|(name, source)| Some((name.clone(), instrument(source)?))).collect();
        let load = |templates: &BTreeMap<String, InstrumentedTemplate>| {
            let mut tera = counting_tera.clone();
            let text = |name, source| templates.get(name).map_or(source, |instrumented| &*instrumented.text);
            let texts = sources.iter().map(|(name, source)| (name, text(name, &source.text)));
            tera.add_raw_templates(texts).map(|()| tera)
        };
        let fits = |text: &str| match counting_tera.clone().add_raw_template("fits", text) {
            Err(error) => !is_syntax_error(&error),
            Ok(()) => true,
        };
        let tera = load(&templates).or_else(|_| {
            templates.retain(|_, instrumented| fits(&instrumented.text));
            load(&templates)
        });
        // All of them were compiled before in their original form, so the remaining ones should have no mistake.
        let tera = tera.unwrap_or_else(|_| {
            templates.clear();
            counting_tera.clone()
        });
        let forbidden = forbidden_callees(sources, prefixes, &templates);
        Self { tera, templates, forbidden }
    }
}

/// Returns the templates whose work is not counted, those that reach them, by all names that they are called by, and
/// the components that any of them defines.
fn forbidden_callees(
    sources: &BTreeMap<String, SourceText>,
    prefixes: &[String],
    instrumented: &BTreeMap<String, InstrumentedTemplate>,
) -> BTreeSet<Callee> {
    let mut forbidden = BTreeSet::new();
    let mut others: Vec<(&String, Vec<Callee>)> = Vec::new();
    let mut next: Vec<&String> = sources.keys().filter(|name| !instrumented.contains_key(*name)).collect();
    if next.is_empty() {
        return forbidden;
    }
    for (name, source) in sources.iter().filter(|(name, _)| instrumented.contains_key(*name)) {
        others.push((name, tags(&source.text).flat_map(|tag| tag.callees()).collect()));
    }
    while !next.is_empty() {
        for name in next.drain(..) {
            let short = prefixes.iter().filter_map(|prefix| name.strip_prefix(prefix.as_str()));
            forbidden.extend(short.chain([name.as_str()]).map(|name| Callee::Template(name.to_owned())));
            forbidden.extend(defined_names(&sources[name].text, "component").map(Callee::Component));
        }
        others.retain(|(name, callees)| {
            let reaches = callees.iter().any(|callee| forbidden.contains(callee));
            next.extend(reaches.then_some(*name));
            !reaches
        });
    }
    forbidden
}

impl BoundedTemplates {
    pub(super) fn new(plain_tera: Tera, prefixes: Vec<String>) -> Self {
        let mut counting_tera = plain_tera.clone();
        budget::register(&mut counting_tera);
        Self { plain_tera, counting_tera, prefixes, instrumented: OnceLock::new() }
    }

    fn instrumented(&self, sources: &BTreeMap<String, SourceText>) -> &InstrumentedTemplates {
        self.instrumented.get_or_init(|| InstrumentedTemplates::new(&self.counting_tera, &self.prefixes, sources))
    }

    /// Whether the work of all templates is counted.
    #[cfg(test)]
    pub(super) fn are_all_instrumented(&self, sources: &BTreeMap<String, SourceText>) -> bool {
        sources.keys().all(|name| self.instrumented(sources).templates.contains_key(name))
    }

    /// Renders a text that begins at `start` in its file. None if it fails for a reason other than its budget.
    pub(super) fn render(
        &self,
        source: &SourceText,
        start: usize,
        context: &Context,
        sources: &BTreeMap<String, SourceText>,
    ) -> Option<Result<String, Diagnostic>> {
        let text = &source.text[start..];
        if budget::uses_reserved_name(text) {
            return Some(Err(error_at_first_tag("names that begin with `__causerie_` are reserved", source, start)));
        }
        let Ok(instrumented) = InstrumentedTemplate::new(text) else {
            return self.reject(error_at_first_tag(TOO_DEEP, source, start), TOO_DEEP_HELP, source, start);
        };
        let render = |tera: &Tera| {
            let mut output = LimitedOutput::default();
            let (rendered, excess) =
                budget::with_fresh_budget(|| tera.render_str_to(&instrumented.text, context, false, &mut output));
            (rendered.map(|()| output.into_bytes()), excess)
        };
        // Most texts call no template. A failed render would show whether one does, but Tera reports each missing call
        // separately.
        let tera = match calls_templates(text).then(|| self.instrumented(sources)) {
            None => &self.counting_tera,
            Some(all) => {
                // In Tera a component of the site takes precedence over one of the text.
                let is_forbidden = |tag: &Tag<'_>| tag.callees().iter().any(|callee| all.forbidden.contains(callee));
                if let Some(tag) = tags(text).find(|tag| !all.forbidden.is_empty() && is_forbidden(tag)) {
                    let problem = Diagnostic::error(FORBIDDEN_CALL).at(location_in_text(source, start, tag.span));
                    return self.reject(problem, FORBIDDEN_CALL_HELP, source, start);
                }
                &all.tera
            }
        };
        let (rendered, excess) = render(tera);
        match (rendered, excess) {
            (Ok(bytes), _) => String::from_utf8(bytes).ok().map(Ok),
            (Err(error), Some(excess)) => {
                Some(Err(self.budget_error(excess, &error, &instrumented, source, start, sources)))
            }
            (Err(error), None) if is_syntax_error(&error) => {
                let places = errors::call_stack(&error);
                let place = places.first().map(|place| instrumented.original(place.span(&instrumented.text)));
                let problem = match place {
                    Some(span) => Diagnostic::error(TOO_DEEP).at(location_in_text(source, start, span)),
                    None => error_at_first_tag(TOO_DEEP, source, start),
                };
                self.reject(problem, TOO_DEEP_HELP, source, start)
            }
            (Err(_), None) => None,
        }
    }

    /// Rejects a text whose work cannot be counted, unless Tera finds a mistake in it before it renders anything.
    fn reject(
        &self,
        problem: Diagnostic,
        help: &str,
        source: &SourceText,
        start: usize,
    ) -> Option<Result<String, Diagnostic>> {
        match self.plain_tera.clone().add_raw_template(ONE_OFF, &source.text[start..]) {
            Err(error) if is_syntax_error(&error) => None,
            _ => Some(Err(problem.help(help))),
        }
    }

    /// Returns the error of a text that has exceeded its budget, at the place in the text that caused it.
    fn budget_error(
        &self,
        excess: BudgetLimit,
        error: &Error,
        instrumented: &InstrumentedTemplate,
        source: &SourceText,
        start: usize,
        sources: &BTreeMap<String, SourceText>,
    ) -> Diagnostic {
        let places = errors::call_stack(error);
        let in_source = places.iter().position(|place| place.template == ONE_OFF).map(|at| {
            let span = instrumented.original(places[at].span(&instrumented.text));
            // For the call of a template, Tera reports only where it begins.
            let tag =
                (at > 0).then(|| tags(&source.text[start..]).find(|tag| tag.span.contains(&span.start))).flatten();
            location_in_text(source, start, tag.map_or(span, |tag| tag.span))
        });
        let problem = match in_source {
            Some(place) => Diagnostic::error(excess.message()).at(place),
            // Tera does not report where the output was written.
            None => error_at_first_tag(&excess.message(), source, start),
        };
        let problem = problem.help(excess.help());
        let Some(place) = places.first().filter(|place| place.template != ONE_OFF) else { return problem };
        let Some(template) = sources.get(&place.template) else { return problem };
        let span = match self.instrumented.get().and_then(|all| all.templates.get(&place.template)) {
            Some(instrumented) => instrumented.original(place.span(&instrumented.text)),
            None => place.span(&template.text),
        };
        problem.related("in this template, which is called there", Location::span(template, span))
    }
}

/// The error of a text that cannot be instrumented.
const TOO_DEEP: &str = "this template syntax is nested too deep, or too long for one expression";
const TOO_DEEP_HELP: &str = "take it apart into several steps with `{% set %}`";

/// The error of a text that calls a template that cannot be instrumented.
const FORBIDDEN_CALL: &str = "no text can call this: in its template, or in one that this reaches, the syntax is nested too deep or \
                         too long for one expression";
const FORBIDDEN_CALL_HELP: &str = "take what is too long in the template apart into several steps with `{% set %}`";

fn is_syntax_error(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::SyntaxError(_))
}

/// Returns the location of a span in a text that begins at `start` in its file.
fn location_in_text(source: &SourceText, start: usize, span: Range<usize>) -> Location {
    Location::span(source, start + span.start..start + span.end)
}

/// Returns an error about the template syntax of a text as a whole, at its first tag.
fn error_at_first_tag(message: &str, source: &SourceText, start: usize) -> Diagnostic {
    let tag = tags(&source.text[start..]).next();
    Diagnostic::error(message)
        .at(tag.map_or_else(|| Location::file(source.path.clone()), |tag| location_in_text(source, start, tag.span)))
}

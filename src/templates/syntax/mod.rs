//! A reader of Tera's syntax: the tags of a template, and what they say.
//!
//! Tera keeps its own syntax tree to itself. This reader serves everything here that asks what a template names: which
//! templates and components it reaches, which fields it can look at, and which of its tags are open where one is missing.
//! Tera compiles a template before anything else happens with it, so the [`parser`] meets valid templates only; the
//! [`lexer`] reads broken ones, too.

pub(super) mod ast;
pub(super) mod calls;
pub(super) mod lexer;
pub(super) mod parser;
pub(super) mod work;

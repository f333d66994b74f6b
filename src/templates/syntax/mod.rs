//! A parser of Tera's syntax: the tags of a template, and their meaning.
//!
//! Tera does not expose its own syntax tree. This parser serves all code that examines a template: which templates and
//! components it reaches, which fields it can read, and which tag lacks its counterpart. Tera compiles a template
//! before anything else happens with it, so the [`parser`] sees only valid templates; the [`lexer`] also reads broken
//! ones.

pub(super) mod ast;
pub(super) mod calls;
pub(super) mod lexer;
pub(super) mod parser;
pub(super) mod work;

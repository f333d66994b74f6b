#![allow(missing_docs)]
use std::collections::HashSet;
#[derive(Debug, Default, Clone)] pub struct InternalLink { pub path: String, pub anchor: Option<String> }
#[derive(Debug, Default, Clone)] pub struct Heading { pub level: u32, pub id: String, pub permalink: String, pub title: String, pub children: Vec<Heading> }
#[derive(Debug, Default, Clone)] pub struct Problem { pub message: String, pub needle: Option<String>, pub help: Option<String> }
#[derive(Debug, Default)] pub struct Rendered { pub html: String, pub summary: Option<String>, pub toc: Vec<Heading>, pub internal_links: Vec<InternalLink>, pub external_links: Vec<String>, pub anchors: HashSet<String>, pub problems: Vec<Problem> }
pub struct PostContext<'a> { pub options: &'a crate::config::Markdown, pub lang: &'a str, pub permalink: &'a str, pub base_url: &'a str, pub insert_anchor: crate::config::markdown::InsertAnchor, pub resolve: &'a dyn Fn(&str)->Option<String>, pub slugify: &'a dyn Fn(&str)->String, pub anchor_link: &'a dyn Fn(&str,u32)->Result<String,String>, pub summary_cutoff: &'a dyn Fn()->Result<String,String>, pub highlighter: &'a Highlighter }
pub struct Highlighter; impl Highlighter { pub fn css(&self, _t: &str) -> Result<String,String> { todo!() } }
pub fn render_post(b: &str, _c: &PostContext<'_>) -> Rendered { let mut html=String::new(); pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(b)); Rendered { html, ..Default::default() } }
pub fn render_comment(b: &str) -> String { let mut html=String::new(); pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(b)); html }

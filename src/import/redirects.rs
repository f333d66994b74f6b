//! Rules for web servers that lead addresses like `?p=12` to their posts. A static site cannot look at the query itself.
//!
//! They lie in `imports/NAME.redirects/`, which is not published: each author knows which server it is.

use std::fmt::Write as _;
use std::io;

use super::addresses::split;
use super::plan::PlannedPost;
use super::store::Store;
use super::write::Writer;
use crate::config::{encode_path, split_origin};

/// An address with a query, and the path that it leads to.
struct Rule {
    /// The name of the parameter: `p` or `page_id`.
    name: &'static str,
    id: String,
    target: String,
}

/// Writes the rules, if the source has such addresses.
pub fn write(writer: &Writer<'_>, store: &Store) -> io::Result<()> {
    let rules: Vec<Rule> = store
        .query_addresses
        .iter()
        .filter_map(|address| {
            let number = *store.post_keys.get(&address.post)?;
            let planned = writer.plan.posts[number].as_ref().filter(|planned| !planned.is_draft)?;
            let is_id = !address.post.is_empty() && address.post.bytes().all(|byte| byte.is_ascii_digit());
            is_id.then(|| Rule { name: address.name, id: address.post.clone(), target: target(writer, planned) })
        })
        .collect();
    if rules.is_empty() || writer.options.dry_run {
        return Ok(());
    }
    let old = split(&store.blog.url).map(|address| address.path).unwrap_or_default();
    let old = if old.is_empty() { "/".to_owned() } else { format!("/{}/", encode_path(&old)) };
    for (name, text) in [
        ("nginx.conf", nginx(&rules, &old)),
        ("htaccess", apache(&rules)),
        ("netlify", netlify(&rules, &old)),
        ("cloudflare.js", cloudflare(&rules)),
    ] {
        writer.files.put(&format!("imports/{}.redirects/{name}", store.report.name), text.as_bytes())?;
    }
    Ok(())
}

/// The path of a post in the new site. Only characters that mean nothing to any of the servers are left in it.
fn target(writer: &Writer<'_>, planned: &PlannedPost) -> String {
    let base = split_origin(&writer.config.base_url).1.trim_end_matches('/');
    let by_file = planned.file.strip_prefix("content/").unwrap_or(&planned.file).trim_end_matches(".md");
    let path = planned.path.as_deref().unwrap_or(by_file);
    let mut out = format!("{base}/");
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out + "/"
}

fn nginx(rules: &[Rule], old: &str) -> String {
    let mut out = format!(
        "# Include this file in the block `http` of nginx, and write into the block `server`:\n#\n\
         #     location = {old} {{\n#         if ($causerie_post) {{ return 301 $causerie_post; }}\n#         try_files $uri/index.html =404;\n#     }}\n\n"
    );
    if rules.len() > 1000 {
        out.push_str("map_hash_max_size 262144;\nmap_hash_bucket_size 256;\n\n");
    }
    out.push_str("map \"$arg_p:$arg_page_id\" $causerie_post {\n    default \"\";\n");
    for Rule { name, id, target } in rules {
        let key = if *name == "p" { format!("{id}:") } else { format!(":{id}") };
        let _ = writeln!(out, "    \"{key}\" \"{target}\";");
    }
    out + "}\n"
}

fn apache(rules: &[Rule]) -> String {
    let mut out = String::from(
        "# Add this to the file `.htaccess` in the folder of the old blog's home page. Apache needs its module mod_rewrite.\n\nRewriteEngine On\n",
    );
    for Rule { name, id, target } in rules {
        // In a target, a percent sign and a digit stand for a part of the condition.
        let target = target.replace('%', "\\%");
        let _ = write!(
            out,
            "RewriteCond %{{QUERY_STRING}} (?:^|&){name}={id}(?:&|$)\nRewriteRule ^(?:index\\.php)?$ {target}? [R=301,L,NE]\n"
        );
    }
    out
}

fn netlify(rules: &[Rule], old: &str) -> String {
    let mut out = String::from("# Add these lines to the file `static/_redirects` of the site. Netlify reads it.\n\n");
    for Rule { name, id, target } in rules {
        let _ = writeln!(out, "{old} {name}={id} {target} 301!");
    }
    out
}

fn cloudflare(rules: &[Rule]) -> String {
    let mut out = String::from(
        "// Cloudflare's own lists of redirects cannot look at a query. Put this file beside the site as `functions/index.js`, in the folder\n\
         // of the old blog's home page: Cloudflare Pages runs it for that address.\n\nconst posts = new Map([\n",
    );
    for Rule { name, id, target } in rules {
        let _ = writeln!(out, "  [\"{name}={id}\", \"{target}\"],");
    }
    out + "]);\n\n\
        export function onRequest({ request, next }) {\n  const url = new URL(request.url);\n  for (const name of [\"p\", \"page_id\"]) {\n    \
        const target = posts.get(`${name}=${url.searchParams.get(name)}`);\n    \
        if (target) return Response.redirect(new URL(target, url), 301);\n  }\n  return next();\n}\n"
}

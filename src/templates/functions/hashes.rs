//! Hashes of files and texts.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use tera::{Error, Kwargs, State, TeraResult, Value};

use super::files::{find_file, missing_file_error, unreadable};
use crate::search::single_file;
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// The hash functions of subresource integrity (SHA-2, FIPS 180-4).
#[derive(Clone, Copy)]
pub(super) enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

/// A hash.
pub(super) struct Hash(Vec<u8>);

impl Digest {
    fn of(self, bytes: &[u8]) -> Hash {
        Hash(match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        })
    }

    /// Hashes all bytes of a stream.
    fn of_stream(self, stream: &mut impl Read) -> io::Result<Hash> {
        fn all<D: sha2::Digest>(stream: &mut impl Read) -> io::Result<Hash> {
            let mut digest = D::new();
            let mut stream = BufReader::with_capacity(1 << 16, stream);
            loop {
                let part = stream.fill_buf()?;
                if part.is_empty() {
                    return Ok(Hash(digest.finalize().to_vec()));
                }
                digest.update(part);
                let count = part.len();
                stream.consume(count);
            }
        }
        match self {
            Self::Sha256 => all::<Sha256>(stream),
            Self::Sha384 => all::<Sha384>(stream),
            Self::Sha512 => all::<Sha512>(stream),
        }
    }
}

impl Hash {
    /// Returns hexadecimal digits.
    pub(super) fn hex(&self) -> String {
        self.0.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    fn base64(&self) -> String {
        BASE64_STANDARD.encode(&self.0)
    }
}

/// `get_hash(path | literal, sha_type?, base64?)`: the SHA-256, SHA-384 (the default) or SHA-512 hash of a file or a
/// text; in base64, as subresource integrity needs it, or in hexadecimal digits.
pub(super) fn get_hash(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let digest = match kwargs.get::<&Value>("sha_type")?.map(ToString::to_string).as_deref() {
        Some("256") => Digest::Sha256,
        None | Some("384") => Digest::Sha384,
        Some("512") => Digest::Sha512,
        Some(other) => return Err(Error::message(format!("`sha_type` is 256, 384 or 512, and not {other}"))),
    };
    let hash = match (kwargs.get::<&str>("path")?, kwargs.get::<&str>("literal")?) {
        (Some(path), None) => hash_of_file(&reader, path, digest)?,
        (None, Some(literal)) => digest.of(literal.as_bytes()),
        _ => return Err(Error::message("say what to hash with either `path=` or `literal=`")),
    };
    let base64 = kwargs.get("base64")?.unwrap_or(true);
    // Neither format has a character that HTML escapes.
    Ok(Value::safe_string(&if base64 { hash.base64() } else { hash.hex() }))
}

/// Returns the hash of a file. It is computed once for each build, because every page can include the hash of the style
/// sheet.
pub(super) fn hash_of_file(reader: &Reader, path: &str, digest: Digest) -> TeraResult<Hash> {
    let library = &reader.library;
    let Some(file) = find_file(reader, path)? else {
        if let Some(hash) = hash_of_image(reader, path, digest)? {
            return Ok(hash);
        }
        return hash_of_built_file(reader, path.trim_start_matches('/'), digest)?
            .ok_or_else(|| missing_file_error(library, path));
    };
    let value = library.cached(format!("sha{} {file}", digest as usize), || {
        let hash = library.world.open(&file).and_then(|mut stream| digest.of_stream(&mut stream));
        Ok::<_, Error>(Value::bytes(hash.map_err(|error| unreadable(&file, &error))?.0))
    })?;
    Ok(Hash(value.as_bytes().unwrap_or_default().to_vec()))
}

/// The hash of a file that the build makes; none if there is no such file. It is made once for a
/// build, like that of a file of the site.
fn hash_of_built_file(reader: &Reader, name: &str, digest: Digest) -> TeraResult<Option<Hash>> {
    let library = &reader.library;
    let site = &library.site;
    reader.record(Dependency::Config);
    if let Some(lang) = single_file::language_at(site, name) {
        if reader.is_of_body() {
            return Err(Error::message(format!(
                "the search index has this text in it, so the text cannot contain the hash of `{name}`; show it in a template"
            )));
        }
        let index = reader.index_to_hash(lang);
        let hash = || Ok::<_, Error>(Value::bytes(digest.of(&index).0));
        let value = library.cached(format!("sha{} of index {lang}", digest as usize), hash)?;
        return Ok(value.as_bytes().map(|bytes| Hash(bytes.to_vec())));
    }
    if site.stylesheets.iter().any(|file| file.name == name) {
        // One dependency for all files that the style sheet is compiled from.
        reader.record(Dependency::Stylesheet(name.to_owned()));
    }
    let value = library.cached(format!("sha{} of built {name}", digest as usize), || {
        let highlighting = || site.config.markdown.stylesheets().into_iter().find(|(file, _)| *file == name);
        let text = if single_file::is_elasticlunr(site, name) {
            single_file::ELASTICLUNR.to_owned()
        } else if let Some((_, theme)) = highlighting() {
            library.highlighter.css(theme).map_err(Error::message)?
        } else {
            match library.compilation(name).map(|compilation| &compilation.css) {
                Some(Ok(css)) => css.clone(),
                Some(Err(problem)) => {
                    return Err(Error::message(format!("`{name}` cannot be compiled: {}", problem.message)));
                }
                None => return Ok(Value::none()),
            }
        };
        Ok(Value::bytes(digest.of(text.as_bytes()).0))
    })?;
    Ok(value.as_bytes().map(|bytes| Hash(bytes.to_vec())))
}

/// The hash of an image that this rendering has asked for. It is made for it.
fn hash_of_image(reader: &Reader, path: &str, digest: Digest) -> TeraResult<Option<Hash>> {
    let path = path.trim_start_matches('/');
    let Some(image) = reader.requested_image(path.strip_prefix("static/").unwrap_or(path)) else { return Ok(None) };
    let library = &reader.library;
    let value = library.cached(format!("sha{} {path}", digest as usize), || {
        let bytes = library.image_bytes(&image).map_err(Error::message)?;
        Ok::<_, Error>(Value::bytes(digest.of(&bytes).0))
    })?;
    Ok(Some(Hash(value.as_bytes().unwrap_or_default().to_vec())))
}

#[cfg(test)]
mod tests {
    use crate::templates::testing::blog;

    #[test]
    fn hashes_of_texts_and_files() {
        let blog = blog();
        // The examples of FIPS 180-4 for the text "abc".
        for (arguments, expected) in [
            ("sha_type=256, base64=false", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("sha_type=256", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
            ("sha_type='256'", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
            ("sha_type=384", "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn"),
            (
                "sha_type=512, base64=false",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
        ] {
            assert_eq!(blog.render(&format!("{{{{ get_hash(literal='abc', {arguments}) }}}}")).unwrap(), expected);
        }
        assert_eq!(
            blog.render("{{ get_hash(literal='of the site') }}"),
            blog.render("{{ get_hash(path='static/both.css') }}")
        );
        assert_eq!(
            blog.render("{{ get_hash(literal='of the site') }}"),
            blog.render("{{ get_hash(literal='of the site', sha_type=384, base64=true) }}"),
        );
    }
}

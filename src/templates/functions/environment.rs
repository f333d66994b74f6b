//! Environment variables.

use std::env::{self, VarError};

use tera::{Error, Kwargs, State, TeraResult, Value};

use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// `get_env(name, default?)`: the value of an environment variable. The build records it as a dependency.
pub(super) fn get_env(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let name = kwargs.must_get::<&str>("name")?;
    let default = kwargs.get::<&Value>("default")?;
    reader.record(Dependency::Config);
    if reader.library.site.config.comments.reads_password_from(name) {
        return Err(Error::message(format!(
            "`{name}` holds the password of the mail server, which is not for templates"
        )));
    }
    reader.record(Dependency::Environment(name.to_owned()));
    match (env::var(name), default) {
        (Ok(value), _) => Ok(value.into()),
        (Err(_), Some(default)) => Ok(default.clone()),
        (Err(VarError::NotUnicode(_)), None) => {
            Err(Error::message(format!("the environment variable `{name}` is no text")))
        }
        (Err(VarError::NotPresent), None) => {
            let message = format!("the environment variable `{name}` is not set; set it, or name a `default`");
            Err(Error::message(message))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::{blog, site};

    #[test]
    fn variables_of_the_environment() {
        let blog = blog();
        // Cargo sets it for tests.
        assert_eq!(blog.render("{{ get_env(name='CARGO_PKG_NAME') }}").unwrap(), "causerie");
        let missing = "get_env(name='CAUSERIE_HAS_NO_SUCH_VARIABLE')";
        let error = blog.render(&format!("{{{{ {missing} }}}}")).unwrap_err();
        assert!(error.contains("is not set; set it, or name a `default`"), "{error}");
        assert_eq!(blog.render("{{ get_env(name='CAUSERIE_NONE', default='d') }}").unwrap(), "d");
        for odd in ["", "A=B"] {
            assert!(blog.render(&format!("{{{{ get_env(name='{odd}') }}}}")).is_err(), "{odd}");
        }
        let dependencies = blog.dependencies("{{ get_env(name='CARGO_PKG_NAME') }}");
        assert_eq!(dependencies, [Dependency::Config, Dependency::Environment("CARGO_PKG_NAME".into())]);
    }

    #[test]
    fn the_password_of_the_mail_server_is_not_for_templates() {
        let config = "base_url = 'https://a.example'\n[comments.mail]\nserver = 'm'\nuser = 'a'\npassword_env = 'CARGO_PKG_NAME'\n\
                      from = 'a@a.example'\nto = 'a@a.example'\n";
        let site = site(&[("site.toml", config)]);
        let error = site.render("{{ get_env(name='CARGO_PKG_NAME', default='') }}").unwrap_err();
        assert!(error.contains("which is not for templates"), "{error}");
    }
}

//! Numbers and orders that look random, and are the same in every build.

use std::sync::Arc;

use tera::{Kwargs, State, TeraResult, Value};
use tera_contrib::rand;

use crate::templates::Reader;

/// `get_random(start, end, seed?)`: a number from `start` until just before `end`. Without a seed it depends on the page, and on how
/// many such numbers the page has shown before.
pub(super) fn get_random(kwargs: Kwargs, state: &State) -> TeraResult<i64> {
    rand::get_random(seeded(kwargs)?, state)
}

/// `shuffle(seed?)`: a list in another order. Without a seed the order depends on the page, like [`get_random`].
pub(in crate::templates) fn shuffle(list: Vec<Value>, kwargs: Kwargs, state: &State) -> TeraResult<Vec<Value>> {
    rand::shuffle(list, seeded(kwargs)?, state)
}

/// The arguments with a seed among them.
fn seeded(kwargs: Kwargs) -> TeraResult<Kwargs> {
    if let Some(seed) = kwargs.get::<&Value>("seed")?.filter(|seed| !seed.is_none() && !seed.is_undefined()) {
        // A number is as good a seed as a text.
        let seed = seed.to_string();
        return Ok(with_seed(&kwargs, &seed));
    }
    Ok(with_seed(&kwargs, &Reader::current()?.next_seed()))
}

fn with_seed(kwargs: &Kwargs, seed: &str) -> Kwargs {
    let others = kwargs.iter().filter(|(name, _)| name.as_str() != Some("seed"));
    let others = others.map(|(name, value)| (name.clone(), value.clone()));
    Kwargs::new(Arc::new(others.chain([("seed".into(), seed.into())]).collect()))
}

#[cfg(test)]
mod tests {
    use crate::templates::testing::blog;

    #[test]
    fn chance_is_the_same_in_every_build() {
        let blog = blog();
        let several = "{% for i in range(end=8) %}{{ get_random(start=0, end=100) }} {% endfor %}";
        let numbers = blog.render(several).unwrap();
        assert_eq!(blog.render(several).unwrap(), numbers);
        let mut all: Vec<&str> = numbers.split(' ').collect();
        all.sort_unstable();
        all.dedup();
        assert!(all.len() > 4, "{numbers}");
        let shuffled = blog.render("{{ range(end=20) | shuffle | join(sep=' ') }}").unwrap();
        assert_ne!(shuffled, blog.render("{{ range(end=20) | join(sep=' ') }}").unwrap());
        for call in ["get_random(start=0, end=1000000, seed=1)", "get_random(end=1000000, start=0, seed='1')"] {
            let twice = blog.render(&format!("{{{{ {call} == {call} }}}}")).unwrap();
            assert_eq!(twice, "true", "{call}");
        }
        assert_eq!(blog.render("{{ get_random(start=7, end=8) }}").unwrap(), "7");
        assert_eq!(blog.render("{{ [] | shuffle | length }}").unwrap(), "0");
        for wrong in ["get_random(start=2, end=2)", "get_random(end=2)", "'a' | shuffle"] {
            assert!(blog.render(&format!("{{{{ {wrong} }}}}")).is_err(), "{wrong}");
        }
        assert!(blog.dependencies(several).is_empty());
    }
}

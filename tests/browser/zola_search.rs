//! The indexes of Zola's formats, read as a theme's own script would read them.

use std::path::Path;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::sites::Served;

/// A site with each of the formats, one in each language.
fn built() -> Served {
    let root = "tests/sites/search_indexes_of_zola_s_formats/site";
    Served::build(&Path::new(env!("CARGO_MANIFEST_DIR")).join(root))
}

/// What a search finds: the paths of the pages with their titles, the best first.
fn found(browser: &Browser, query: &str) -> Value {
    let options =
        json!({ "bool": "AND", "expand": true, "fields": { "title": { "boost": 2 }, "body": { "boost": 1 } } });
    browser.eval(&format!(
        "window.index.search({}, {options}).map((it) => [new URL(it.ref).pathname, it.doc.title])",
        json!(query)
    ))
}

pub fn elasticlunr_reads_its_indexes() {
    let (site, browser) = (built(), Browser::start());
    browser.open(&site.url("/"));
    browser.eval("window.index = elasticlunr.Index.load(window.searchIndex)");
    let lighthouse = json!([["/posts/lighthouse/", "Two lighthouses"]]);
    // Nothing of drafts, of pages and sections that are taken out, and of other languages.
    for query in ["lighthouse", "LIGHTHOUSES", "lamp burn", "lamps burned", "light", "keeper nights"] {
        assert_eq!(found(&browser, query), lighthouse, "{query}");
    }
    for query in ["secret", "quiet", "draft", "gull", "extinguish", "cormorant", "Leuchtturm", "faro"] {
        assert_eq!(found(&browser, query), json!([]), "{query}");
    }
    assert_eq!(found(&browser, "wrote"), json!([["/posts/", "Posts"]]));
    assert_eq!(
        browser.eval("window.index.search('2024', { fields: { date: {}, path: {} }, expand: true }).length"),
        json!(2)
    );

    // It is the index that elasticlunr itself makes of these documents; the words of paths are parted in Zola's own way.
    let theirs = browser.eval(
        "(() => {
             const it = elasticlunr();
             it.setRef(window.searchIndex.ref);
             window.searchIndex.fields.forEach((field) => it.addField(field));
             Object.values(window.searchIndex.documentStore.docs).forEach((document) => it.addDoc(document));
             return JSON.parse(JSON.stringify(it));
         })()",
    );
    let ours = browser.eval("window.searchIndex");
    for key in ["fields", "pipeline", "ref", "version"] {
        assert_eq!(ours[key], theirs[key], "{key}");
    }
    assert_eq!(ours["documentStore"]["docs"], theirs["documentStore"]["docs"]);
    for field in ["title", "description", "date", "body"] {
        assert_eq!(ours["index"][field], theirs["index"][field], "{field}");
    }

    // A hostile title is a text in the script, and a theme can put a body into its page.
    assert_eq!(browser.text("document.title"), "Harbour");
    let hostile = found(&browser, "kettle");
    assert!(hostile[0][1].as_str().is_some_and(|it| it.starts_with("</script><script>")), "{hostile}");
    let shown = "(() => { const it = document.createElement('p');
        it.innerHTML = window.index.search('kettle', {})[0].doc.body;
        return [it.children.length, it.textContent]; })()";
    assert_eq!(
        browser.eval(shown),
        json!([0, "Kettles, as text: </script><img src=x onerror=\"document.title = 'taken'\">. Bold"])
    );

    // A theme in another language loads that language's functions, for which these stand in.
    browser.eval(
        "fetch('/search_index.de.json').then((it) => it.json()).then((it) => {
             for (const name of it.pipeline) elasticlunr.Pipeline.registerFunction((word) => word, name);
             window.german = elasticlunr.Index.load(it);
         }), null",
    );
    browser.wait_until("!!window.german");
    browser.eval("window.index = window.german");
    assert_eq!(found(&browser, "leuchtturm"), json!([["/de/posts/lighthouse/", "Der Leuchtturm"]]));
    assert_eq!(found(&browser, "lamp mole"), json!([]));
    assert_eq!(found(&browser, "lamp mol"), json!([["/de/posts/lighthouse/", "Der Leuchtturm"]]));
}

pub fn fuse_reads_its_indexes() {
    let (site, browser) = (built(), Browser::start());
    browser.open(&site.url("/es/"));
    let url = |path: &str| site.url(path);
    assert_eq!(
        browser.eval("window.searchIndex"),
        json!([
            { "url": url("/es/"), "title": "Harbour (es)" },
            { "url": url("/es/posts/"), "title": "Posts (es)" },
            { "url": url("/es/posts/lighthouse/"), "title": "El faro" },
        ])
    );
    browser.eval("fetch('/search_index.fr.json').then((it) => it.json()).then((it) => (window.french = it)), null");
    browser.wait_until("!!window.french");
    assert_eq!(
        browser.eval("window.french.at(-1)"),
        json!({
            "url": url("/fr/posts/lighthouse/"),
            "title": "Le phare",
            "description": "Une lampe à l’entrée du port.",
            "date": "2024-05-12T08:00:00Z",
            "body": "La lampe éclaire l’été ",
            "path": "/fr/posts/lighthouse/",
        })
    );
    assert_eq!(
        browser.eval("fetch('/search_index.it.js').then((it) => window.italian = it.status), null"),
        Value::Null
    );
    browser.wait_until("window.italian === 404");
}

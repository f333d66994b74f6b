//! Tags of Liquid.

use std::cell::RefCell;

use super::*;

fn replaced(text: &str) -> (String, Vec<String>) {
    let unknown = RefCell::new(Vec::new());
    let context = LiquidContext {
        post_url: &|name| (name == "2019-05-01-tea").then(|| "/tea/".to_owned()),
        link: &|path| (path == "about.md").then(|| "/about/".to_owned()),
        variable: &|name| match name {
            "site.url" => Some("https://x.example".to_owned()),
            "site.baseurl" => Some("/b".to_owned()),
            _ => None,
        },
        include: &|file| match file {
            "note.html" => Some(
                "<b>{{ include.text | escape }}</b>{% unless include.quiet %}!{% else %}.{% endunless %}".to_owned(),
            ),
            "loop.html" => Some("{% include loop.html %}".to_owned()),
            _ => None,
        },
        unknown: &|name| unknown.borrow_mut().push(name.to_owned()),
    };
    let text = replace(text, &context);
    (text, unknown.into_inner())
}

#[test]
fn tags_become_what_they_stand_for() {
    for (old, new) in [
        ("[a]({% post_url 2019-05-01-tea %}) [b]({%- link about.md -%})", "[a](/tea/) [b](/about/)"),
        (
            "{{ site.url }}{{ '/a.png' | relative_url }} {{ \"c|d\" | absolute_url }}",
            "https://x.example/b/a.png https://x.example/b/c|d",
        ),
        ("{{ 'a' | prepend: site.baseurl | append: \"/\" }}", "/ba/"),
        ("{% raw %}{{ x }}{% endraw %}{% comment %}{{ y }}{% endcomment %}", "{{ x }}"),
        (
            "{% highlight html linenos %}\n<a> {% raw %}{{ z }}{% endraw %}\n{% endhighlight %}",
            "```html\n<a> {{ z }}\n```\n",
        ),
        ("{% include figure image_path=\"/a.png\" alt=\"A\" caption='B' %}", "![A](</a.png>)\n\n*B*"),
        ("{% include video id=\"ab-c\" provider=\"youtube\" %}", "<https://www.youtube.com/watch?v=ab-c>"),
        ("{% include toc %}x", "x"),
        (
            "{% include note.html text=\"<i>\" %} {% include note.html text=site.url quiet=true %}",
            "<b>&lt;i&gt;</b>! <b>https://x.example</b>.",
        ),
        ("{% gist jo/1 %}", "<https://gist.github.com/jo/1>"),
    ] {
        assert_eq!(replaced(old), (new.to_owned(), vec![]), "{old}");
    }
}

#[test]
fn other_tags_stay() {
    let text = "{% if x %}a{% endif %} {{ page.y | upcase }} {% include loop.html %} {% post_url gone %}";
    let names = ["{% if %}", "{% endif %}", "{{ page.y }}", "{% include loop.html %}", "{% post_url %}"];
    assert_eq!(replaced(text), (text.to_owned(), names.map(str::to_owned).to_vec()));
    for broken in ["{{", "{% raw %}", "{% raw %} x {% end", "a {{ b", "{%%}{{}}", "{% highlight %}"] {
        assert_eq!(replaced(broken).0, broken);
    }
}

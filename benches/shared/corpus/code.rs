//! Code blocks as technical posts have them: several languages, about seven lines each, and no two blocks alike.

use super::random::Random;
use super::words::Words;

/// A language, and a block in which `NAME`, `OTHER`, `TEXT`, `NUMBER` and `SIZE` are replaced.
const BLOCKS: [(&str, &str); 12] = [
    (
        "rust",
        "/// TEXT.\nfn NAME(OTHER: &[u32]) -> Option<u32> {\n    let limit = NUMBER_u32;\n    OTHER.iter().copied()\n        \
         .filter(|it| *it < limit)\n        .max_by_key(|it| it % SIZE)\n}\n",
    ),
    (
        "python",
        "class NAME:\n    \"\"\"TEXT.\"\"\"\n\n    def OTHER(self, values, limit=NUMBER):\n        for value in values:\n            \
         if value % SIZE == 0 and value < limit:\n                yield f\"{value} of {limit}\"\n",
    ),
    (
        "javascript",
        "// TEXT\nexport async function NAME(OTHER, limit = NUMBER) {\n  const answer = await fetch(`/api/${OTHER}?size=SIZE`);\n  \
         const items = await answer.json();\n  return items.filter((item) => item.id !== null)\n    .slice(0, limit);\n}\n",
    ),
    (
        "go",
        "// NAME: TEXT.\nfunc NAME(OTHER []int) (sum int) {\n\tfor i, value := range OTHER {\n\t\tsum += i%SIZE + value*NUMBER\n\t}\n\treturn \
         sum\n}\n",
    ),
    (
        "c",
        "/* TEXT */\nstatic size_t NAME(const char *OTHER)\n{\n    size_t total = NUMBER;\n    for (; *OTHER != '\\0'; \
         ++OTHER)\n        total = total * SIZE + (unsigned char) *OTHER;\n    return total;\n}\n",
    ),
    (
        "java",
        "/** TEXT. */\npublic record NAME(String OTHER, int size) {\n    static final int LIMIT = NUMBER;\n\n    boolean fits() {\n        \
         return size % SIZE == 0 && OTHER.length() < LIMIT;\n    }\n}\n",
    ),
    (
        "bash",
        "# TEXT\nset -euo pipefail\nNAME=\"${1:-NUMBER}\"\nfor file in OTHER/*.txt; do\n  if [ \"$(wc -l < \"$file\")\" -gt SIZE ]; \
         then\n    echo \"$file: $NAME\" >&2\n  fi\ndone\n",
    ),
    (
        "sql",
        "-- TEXT\nSELECT NAME, count(*) AS total\nFROM OTHER\nWHERE id > NUMBER AND note IS NOT NULL\nGROUP BY NAME\nHAVING count(*) > \
         SIZE\nORDER BY total DESC;\n",
    ),
    (
        "css",
        "/* TEXT */\n.NAME > .OTHER:not(:first-child) {\n  margin: SIZEpx auto;\n  color: #1f2328;\n  z-index: NUMBER;\n  background: \
         url(\"NAME.svg\") no-repeat;\n}\n",
    ),
    (
        "html",
        "<!-- TEXT -->\n<section id=\"NAME-NUMBER\" class=\"OTHER\">\n  <h2>NAME</h2>\n  <img src=\"OTHER.png\" alt=\"\" \
         width=\"SIZE\">\n  <p>TEXT &amp; more</p>\n  <a href=\"/NAME/\">OTHER</a>\n</section>\n",
    ),
    ("yaml", "# TEXT\nNAME:\n  port: NUMBER\n  OTHER: &OTHER\n    - \"NAME\"\n    - size: SIZE\n  enabled: true\n"),
    (
        "ruby",
        "# TEXT\nmodule NAME\n  def self.OTHER(values, limit: NUMBER)\n    values.select { |it| it % SIZE == 0 }\n          .map { |it| \
         \"#{it} of #{limit}\" }\n  end\nend\n",
    ),
];

/// The fenced block of one post. Its number is in it, so that no other post has the same.
pub fn block(random: &mut Random, words: &Words, number: usize) -> String {
    let (language, code) = BLOCKS[number / 2 % BLOCKS.len()];
    // Rare words, as these are keywords of no language.
    let [name, other] = [0, 1].map(|_| words.rare(random).to_owned());
    let code = code
        .replace("NAME", &name)
        .replace("OTHER", &other)
        .replace("TEXT", &words.phrase(random, 5))
        .replace("NUMBER", &number.to_string())
        .replace("SIZE", &(2 + random.below(98)).to_string());
    format!("```{language}\n{code}```\n")
}

//! Adds the guides of `docs/` to the OpenAPI document as tags, so that Scalar shows them in its side menu and its
//! search.
//!
//! Scalar shows the description of a tag as a section, and `#tag/{tag}` leads there. `#tag/{tag}.{anchor}` leads to the
//! element in it whose id is `{SLUG}/tag/{tag}.{anchor}`.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// The guides for users of the API, by file name, in the order of the side menu.
const GUIDES: [&str; 14] = [
    "getting-started",
    "concepts",
    "tasks",
    "authentication",
    "identity-providers",
    "customer-fields",
    "phone-numbers",
    "priority",
    "addresses",
    "errors",
    "reliability",
    "clients",
    "limits",
    "versions",
];

/// The prefix of the ids of Scalar's elements. `site.js` sets it.
const SLUG: &str = "api";

/// Adds the guides of the directory `docs` to `document`, in a group before the one of the operations.
pub(crate) fn add(document: &mut Value, docs: &Path) -> Result<(), Box<dyn Error>> {
    let mut guides = Vec::new();
    for name in GUIDES {
        let file = docs.join(format!("{name}.md"));
        let page = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let (title, text) = page.split_once('\n').ok_or("a guide has a title and a text")?;
        let title = title.strip_prefix("# ").ok_or("a guide begins with its title")?;
        guides.push(json!({ "name": tag(name), "x-displayName": title, "description": section(name, text) }));
    }
    let tags = document["tags"].as_array_mut().ok_or("the document has tags")?;
    for tag in &mut *tags {
        let (first, rest) = tag["name"].as_str().ok_or("a tag has a name")?.split_at(1);
        tag["x-displayName"] = format!("{}{rest}", first.to_uppercase()).into();
    }
    let names = |tags: &[Value]| -> Value { tags.iter().map(|tag| tag["name"].clone()).collect() };
    let groups = json!([
        { "name": "Guides", "tags": names(&guides) },
        { "name": "API reference", "tags": names(tags) },
    ]);
    tags.splice(..0, guides);
    document["x-tagGroups"] = groups;
    document["externalDocs"] = json!({ "description": "openapi.json", "url": "openapi.json" });
    Ok(())
}

/// The tag of a guide. The prefix keeps it apart from the tags of operations, because a guide may have the same name.
fn tag(name: &str) -> String {
    format!("guide-{name}")
}

/// Converts the text of a page: its headings get anchors, and its links lead to sections of the site.
fn section(name: &str, text: &str) -> String {
    let parts = text.trim().split("```").enumerate();
    let is_prose = |index: usize| index.is_multiple_of(2);
    let parts = parts.map(|(index, part)| if is_prose(index) { prose(name, part) } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("```")
}

fn prose(name: &str, text: &str) -> String {
    let id = format!("<a id=\"{SLUG}/tag/{}.", tag(name));
    let linked = linked(name, text).replace("<a id=\"", &id);
    let lines = linked.split('\n').map(|line| {
        let heading = line.trim_start_matches('#');
        let marks = &line[..line.len() - heading.len()];
        match heading.strip_prefix(' ') {
            Some(heading) if !marks.is_empty() => format!("{marks} {id}{}\"></a>{heading}", anchor(heading)),
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The anchor of a heading, in the form that GitHub generates.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Changes the links in a text. A link to a guide leads to its section, a link to a page that is not on the site
/// becomes plain text, and pictures are removed.
fn linked(name: &str, text: &str) -> String {
    let mut linked = String::new();
    let mut rest = text;
    while let Some(Link { before, text, target, after }) = Link::first(rest) {
        if let Some(before) = before.strip_suffix('!') {
            linked += before;
        } else {
            linked += before;
            match site_target(name, target) {
                Some(target) => linked.extend(["[", text, "](", &target, ")"]),
                None => linked += text,
            }
        }
        rest = after;
    }
    linked + rest
}

/// A Markdown link, and the text before and after it.
struct Link<'a> {
    before: &'a str,
    text: &'a str,
    target: &'a str,
    after: &'a str,
}

impl<'a> Link<'a> {
    fn first(markdown: &'a str) -> Option<Self> {
        let (head, tail) = markdown.split_once("](")?;
        let (before, text) = head.rsplit_once('[')?;
        let (target, after) = tail.split_once(')')?;
        Some(Self { before, text, target, after })
    }
}

/// The target on the site of a link in the guide `name`, if the site has it.
fn site_target(name: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") {
        return Some(target.to_owned());
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    if file == "../openapi.json" {
        return Some("openapi.json".to_owned());
    }
    let guide = if file.is_empty() { name } else { file.strip_suffix(".md")? };
    let guide = GUIDES.iter().find(|name| **name == guide)?;
    let dot = if anchor.is_empty() { "" } else { "." };
    Some(format!("#tag/{}{dot}{anchor}", tag(guide)))
}

//! Tests of the README and the pages in docs/: every `curl` example is sent unchanged and its response compared, every
//! link has a target, and the tables agree with the code.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use api_tests::Answer;
use serde_json::Value;
use shared::api::fields::{FieldRules, address_shown_to, customer_shown_to};
use shared::api::{Caller, Code, Operation, Role};
use shared::domain::Invalid;

use crate::shell::Shell;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The pages for readers, by their path in the repository.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for folder in ["", "docs/", "docs/decisions/"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
                let name = format!("{folder}{name}");
                pages.insert(name.clone(), page(&name));
            }
        }
    }
    assert!(pages.len() > 25, "{:?}", pages.keys());
    pages
}

/// The fenced blocks of a page, each with its language.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block without an end");
    blocks
}

/// A response as a page shows it: the status, some headers and some fields of the body.
struct ShownResponse<'a> {
    status: u16,
    headers: Vec<(&'a str, &'a str)>,
    body: Option<Value>,
}

impl<'a> ShownResponse<'a> {
    fn parse(block: &'a str, place: &str) -> Self {
        let (head, body) = block.split_once("\n\n").unwrap_or((block, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.split(' ').next()?.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("{place}: no status: {block}")),
            headers: lines.map(|line| line.split_once(": ").unwrap()).collect(),
            body: (!body.is_empty())
                .then(|| serde_json::from_str(body).unwrap_or_else(|error| panic!("{place}: {error}: {body}"))),
        }
    }

    fn compare(&self, answer: &Answer, place: &str) {
        assert_eq!(answer.status, self.status, "{place}: {answer:?}");
        for (name, value) in &self.headers {
            let real = answer.header(name).unwrap_or_else(|| panic!("{place}: no {name}"));
            assert!(is_text(value, &real), "{place}: {name}: {real}");
        }
        if let Some(body) = &self.body {
            compare_json(body, &answer.body, place);
        }
    }
}

/// Whether `real` is the text that a page shows. `…` at the end stands for anything.
fn is_text(shown: &str, real: &str) -> bool {
    shown.strip_suffix('…').map_or(shown == real, |start| real.starts_with(start))
}

/// Asserts that the response contains what the page shows.
fn compare_json(shown: &Value, real: &Value, place: &str) {
    match shown {
        Value::Object(fields) => {
            for (name, value) in fields {
                assert!(real.get(name).is_some(), "{place}: no {name} in {real}");
                compare_json(value, &real[name], &format!("{place}/{name}"));
            }
        }
        Value::Array(entries) => {
            assert_eq!(Some(entries.len()), real.as_array().map(Vec::len), "{place}: {real}");
            for (index, value) in entries.iter().enumerate() {
                compare_json(value, &real[index], &format!("{place}/{index}"));
            }
        }
        Value::String(text) => assert!(real.as_str().is_some_and(|real| is_text(text, real)), "{place}: {real}"),
        other => assert_eq!(other, real, "{place}"),
    }
}

/// A shell with the variables that the guides tell the reader to set.
async fn shell() -> Shell {
    let started = page("docs/getting-started.md");
    let (_, setup) = started.split_once("## Set up your shell").unwrap();
    let mut shell = Shell::start().await;
    let (language, setup) = blocks(setup).swap_remove(0);
    assert_eq!(language, "sh");
    assert!(shell.run(&setup).await.is_empty());
    shell
}

#[tokio::test]
async fn every_example_shows_the_real_response() {
    // One shell and one table for all pages, like those of a reader.
    let mut shell = shell().await;
    let mut sent = 0;
    for (name, text) in pages() {
        // The response to the last request, until a block shows it.
        let mut last: Option<Answer> = None;
        for (language, block) in blocks(&text) {
            if language != "http" {
                assert!(last.is_none_or(|answer| answer.status < 300), "{name}: a failure that is not shown: {block}");
                last = None;
            }
            match language.as_str() {
                "sh" => {
                    let mut answers = shell.run(&block).await;
                    sent += answers.len();
                    last = answers.pop();
                    for answer in answers {
                        assert!(answer.status < 300, "{name}: {block}{answer:?}");
                    }
                }
                "http" => {
                    let answer = last.take().unwrap_or_else(|| panic!("{name}: an answer to nothing: {block}"));
                    let place = format!("{name}: {}", block.lines().next().unwrap());
                    ShownResponse::parse(&block, &place).compare(&answer, &place);
                }
                _ => assert!(!block.contains("\"$API/"), "{name}: a request that no test sends: {block}"),
            }
        }
        assert!(last.is_none_or(|answer| answer.status < 300), "{name}: ends with a failure that is not shown");
    }
    assert!(sent > 50, "{sent}");
}

/// The anchors that GitHub generates for a page's headings.
fn anchors(page: &str) -> HashSet<String> {
    let mut in_block = false;
    let mut anchors = HashSet::new();
    for line in page.lines() {
        in_block ^= line.starts_with("```");
        if let Some(heading) = line.strip_prefix('#').filter(|_| !in_block) {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
            let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            assert!(anchors.insert(anchor.clone()), "two headings with the anchor {anchor}");
        }
    }
    anchors
}

/// The path without its `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => assert!(plain.pop(), "{} leaves the repository", path.display()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

#[test]
fn every_link_has_a_target() {
    let pages = pages();
    let mut followed = 0;
    for (name, text) in &pages {
        for rest in text.split("](").skip(1) {
            let link = rest.split(')').next().unwrap();
            if link.starts_with("https://") {
                continue;
            }
            let (target, anchor) = link.split_once('#').map_or((link, None), |(target, anchor)| (target, Some(anchor)));
            let path = match target {
                "" => PathBuf::from(name),
                target => plain(&Path::new(name).parent().unwrap().join(target)),
            };
            assert!(root().join(&path).exists(), "{name}: {link}");
            if let Some(anchor) = anchor {
                let target = &pages[path.to_str().unwrap()];
                assert!(anchors(target).contains(anchor), "{name}: {link}");
            }
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed}");
}

#[test]
fn the_index_has_every_page() {
    let (index, decisions) = (page("docs/README.md"), page("docs/decisions/README.md"));
    for name in pages().keys() {
        let listed = match name.strip_prefix("docs/") {
            None | Some("README.md" | "decisions/README.md") => true,
            Some(name) => match name.strip_prefix("decisions/") {
                Some(name) => decisions.contains(&format!("]({name})")),
                None => index.contains(&format!("]({name})")),
            },
        };
        assert!(listed, "{name}");
    }
}

#[test]
fn the_readme_is_short() {
    assert!(page("README.md").lines().count() <= 130);
}

/// The rows of a page's tables: their cells.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn every_code_has_a_heading_and_its_status() {
    let page = page("docs/errors.md");
    let (codes, _) = page.split_once("## Codes in `errors`").unwrap();
    let listed: Vec<_> = codes
        .split("\n### ")
        .skip(1)
        .map(|section| {
            let mut lines = section.lines().filter(|line| !line.is_empty());
            let (code, status) = (lines.next().unwrap(), lines.next().unwrap());
            (code, status.trim_start_matches('`')[..3].parse().unwrap())
        })
        .collect();
    let codes: Vec<_> = Code::ALL.iter().map(|code| (code.as_str(), code.status().as_u16())).collect();
    assert_eq!(listed, codes);
}

#[test]
fn every_field_error_has_a_heading() {
    let page = page("docs/errors.md");
    let anchors = anchors(&page);
    for rule in Invalid::CODES {
        assert!(anchors.contains(*rule), "{rule}");
    }
}

fn caller_of(role: &str) -> Role {
    let (brand, customer) = match role {
        "app" => (Some("b"), None),
        "passenger" => (None, Some("c")),
        _ => (None, None),
    };
    Caller::from_parts("c", role, brand, customer).unwrap().role
}

#[test]
fn the_page_on_permissions_has_the_role_table() {
    let page = page("docs/authentication.md");
    let rows = rows(&page);
    for operation in Operation::authenticated() {
        let row = rows.iter().find(|row| row[0] == operation.name()).unwrap_or_else(|| panic!("{}", operation.name()));
        let roles = ["operator", "integration", "admin", "app", "passenger"];
        let open: Vec<_> = roles.into_iter().filter(|role| operation.is_open_to(&caller_of(role))).collect();
        assert_eq!(row[1], open.join(", "), "{}", operation.name());
    }
}

/// The properties of a schema in the reference.
fn properties(schema: &str) -> serde_json::Map<String, Value> {
    let document: Value = serde_json::from_str(include_str!("../../../openapi.json")).unwrap();
    document["components"]["schemas"][schema]["properties"].as_object().unwrap().clone()
}

/// The rows of a page's table of fields, by field.
fn field_rows(page: &str) -> BTreeMap<&str, Vec<&str>> {
    let rows = rows(page).into_iter().filter(|row| row.len() == 6 && row[0].starts_with('`'));
    rows.map(|row| (row[0].trim_matches('`'), row)).collect()
}

fn number(value: &Value) -> String {
    let digits = value.as_i64().unwrap().unsigned_abs().to_string();
    let mut groups: Vec<_> = digits.as_bytes().rchunks(3).map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.reverse();
    groups.join(",")
}

/// Asserts that a row names every limit of the field's schema.
fn compare_limits(name: &str, limit: &str, schema: &Value) {
    for bound in ["minLength", "maxLength", "maxItems", "maximum"] {
        let has_bound = schema.get(bound).filter(|value| !(bound == "minLength" && value.as_i64() < Some(4)));
        if let Some(value) = has_bound {
            assert!(limit.contains(&number(value)), "{name}: {limit}: {bound} {value}");
        }
    }
}

#[test]
fn the_table_of_customer_fields_agrees_with_the_code() {
    let page = page("docs/customer-fields.md");
    let rows = field_rows(&page);
    let (mut written, mut shown) = (properties("CustomerCreate"), properties("Customer"));
    written.extend(properties("CustomerUpdate"));
    // These are in a response only if the request includes them.
    for included in ["addresses", "phoneInfo"] {
        assert!(shown.remove(included).is_some(), "{included}");
    }
    let known: BTreeSet<_> = written.keys().chain(shown.keys()).map(String::as_str).collect();
    assert_eq!(rows.keys().copied().collect::<BTreeSet<_>>(), known);

    let [office, app, passenger] = ["admin", "app", "passenger"].map(caller_of);
    for (name, row) in rows {
        let mut writers = Vec::new();
        if FieldRules::customer_update(&office).allows(name) {
            writers.push("office");
        } else if FieldRules::customer_create(&office).allows(name) {
            writers.push("office in a create");
        }
        if FieldRules::customer_create(&app).allows(name) {
            writers.push("app");
        }
        if FieldRules::customer_update(&passenger).allows(name) {
            writers.push("passenger");
        }
        let writers = if writers.is_empty() { "–".to_owned() } else { writers.join(", ") };
        assert_eq!(row[4], writers, "who writes {name}");

        let visible = customer_shown_to(&passenger).is_none_or(|fields| fields.contains(&name));
        let readers = match (shown.contains_key(name), visible) {
            (true, true) => "everyone",
            (true, false) => "office",
            (false, _) => "no one",
        };
        assert_eq!(row[5], readers, "who sees {name}");
        compare_limits(name, row[2], written.get(name).unwrap_or(&Value::Null));
    }
}

#[test]
fn the_table_of_address_fields_agrees_with_the_code() {
    let page = page("docs/addresses.md");
    let rows = field_rows(&page);
    let written = properties("AddressSave");
    assert_eq!(rows.keys().copied().collect::<BTreeSet<_>>(), written.keys().map(String::as_str).collect());
    assert_eq!(written.keys().collect::<Vec<_>>(), properties("Address").keys().collect::<Vec<_>>());
    let passenger = caller_of("passenger");
    for (name, row) in rows {
        let may_write = FieldRules::address(&passenger).allows(name);
        assert_eq!(row[4], if may_write { "office, passenger" } else { "office" }, "who writes {name}");
        let may_see = address_shown_to(&passenger).is_none_or(|fields| fields.contains(&name));
        assert_eq!(row[5], if may_see { "everyone" } else { "office" }, "who sees {name}");
        compare_limits(name, row[2], &written[name]);
    }
}

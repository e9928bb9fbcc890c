//! The guides for integrators: each example in them is sent, in the order of its page, and its answer compared.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use api_tests::{Answer, NOW, TENANT, TestApp};
use serde_json::Value;
use shared::api::{Caller, Code, Operation};

const GUIDES: [&str; 6] =
    ["getting-started.md", "phone-numbers.md", "retries.md", "concurrency.md", "roles.md", "errors.md"];

fn guide(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)).unwrap()
}

/// A request or an answer as a guide writes it: the first line, the headers, the body.
struct Message<'a> {
    start: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

impl<'a> Message<'a> {
    fn parse(block: &'a str) -> Self {
        let (head, body) = block.split_once("\n\n").unwrap_or((block, ""));
        let mut lines = head.lines();
        let start = lines.next().unwrap();
        Self { start, headers: lines.map(|line| line.split_once(": ").unwrap()).collect(), body: body.trim() }
    }
}

/// The blocks of HTTP on a page.
fn blocks(page: &str) -> Vec<&str> {
    page.split("```http\n").skip(1).map(|rest| rest.split("```").next().unwrap().trim_end()).collect()
}

/// A page that is being carried out.
struct Reader {
    app: TestApp,
    /// What the words in braces stand for.
    known: HashMap<String, String>,
}

impl Reader {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let mut reader = Self { app, known: HashMap::new() };
        for (role, brand) in [("operator", None), ("admin", None), ("app", Some("city"))] {
            reader.learn_token(role, brand, None);
        }
        reader
    }

    fn learn_token(&mut self, role: &str, brand: Option<&str>, customer: Option<&str>) {
        let caller = Caller::from_parts(TENANT, role, brand, customer).unwrap();
        self.known.insert(role.to_owned(), self.app.issuer.token(&caller, NOW, NOW + 60).unwrap());
    }

    /// The text with each known word in braces replaced.
    fn fill(&self, text: &str) -> String {
        self.known.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{word}}}"), value))
    }

    async fn send(&self, request: &Message<'_>) -> Answer {
        let (method, path) = request.start.split_once(' ').unwrap();
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (*name, self.fill(value))).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.app.stranger().send(method, &self.fill(path), &headers, self.fill(request.body).into_bytes()).await
    }

    /// Asserts that the answer has what the page shows of it, and learns the words in braces.
    fn compare(&mut self, shown: &Message<'_>, answer: &Answer, place: &str) {
        let status: u16 = shown.start.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(answer.status, status, "{place}: {answer:?}");
        for (name, value) in &shown.headers {
            assert_eq!(answer.header(name).as_deref(), Some(*value), "{place}: {name}");
        }
        if !shown.body.is_empty() {
            let body: Value = serde_json::from_str(shown.body).unwrap_or_else(|error| panic!("{place}: {error}"));
            self.compare_json(&body, &answer.body, place);
        }
    }

    fn compare_json(&mut self, shown: &Value, real: &Value, place: &str) {
        match shown {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.compare_json(value, &real[name], &format!("{place}/{name}"));
                }
            }
            Value::Array(entries) => {
                assert_eq!(Some(entries.len()), real.as_array().map(Vec::len), "{place}: {real}");
                for (index, value) in entries.iter().enumerate() {
                    self.compare_json(value, &real[index], &format!("{place}/{index}"));
                }
            }
            Value::String(text) => match text.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
                Some(word) => {
                    let real = real.as_str().unwrap().to_owned();
                    if word == "customer" {
                        self.learn_token("passenger", None, Some(&real));
                    }
                    let before = self.known.insert(word.to_owned(), real.clone());
                    assert!(before.is_none_or(|before| before == real), "{place}: {word} is another one");
                }
                None => assert_eq!(shown, real, "{place}"),
            },
            other => assert_eq!(other, real, "{place}"),
        }
    }
}

#[tokio::test]
async fn every_example_is_what_the_api_answers() {
    let mut sent = 0;
    for name in GUIDES {
        let page = guide(name);
        let blocks = blocks(&page);
        assert!(blocks.len() >= 2 && blocks.len().is_multiple_of(2), "{name}: a request without an answer");
        let mut reader = Reader::start().await;
        for pair in blocks.chunks(2) {
            let (request, shown) = (Message::parse(pair[0]), Message::parse(pair[1]));
            assert!(shown.start.starts_with("HTTP/1.1 "), "{name}: {}", shown.start);
            let answer = reader.send(&request).await;
            reader.compare(&shown, &answer, &format!("{name}: {}", request.start));
            sent += 1;
        }
    }
    assert!(sent > 30, "{sent}");
}

/// The rows of a page's tables: their cells.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn every_code_is_explained_with_its_status() {
    let page = guide("errors.md");
    let listed: Vec<_> = rows(&page).into_iter().filter(|row| row.len() == 4).skip(1).collect();
    let listed: Vec<_> = listed.iter().map(|row| (row[0].trim_matches('`'), row[1].parse().unwrap())).collect();
    let codes: Vec<_> = Code::ALL.iter().map(|code| (code.as_str(), code.status().as_u16())).collect();
    assert_eq!(listed, codes);
}

#[test]
fn every_broken_rule_is_explained() {
    let page = guide("errors.md");
    let (_, table) = page.split_once("The codes of `errors`:").unwrap();
    let explained: Vec<_> = table.lines().filter_map(|row| row.strip_prefix("| ")?.split(" | ").next()).collect();
    let explained = explained.join(" ");
    let source = include_str!("../../../shared/src/domain/invalid.rs");
    let rules: Vec<_> = source.split("=> \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(rules.len() > 15, "{rules:?}");
    for rule in rules {
        assert!(explained.contains(&format!("`{rule}`")), "{rule}");
    }
}

#[test]
fn the_page_on_roles_has_the_role_table() {
    let page = guide("roles.md");
    let rows = rows(&page);
    for operation in Operation::ALL {
        let row = rows.iter().find(|row| row[0] == operation.name()).unwrap_or_else(|| panic!("{}", operation.name()));
        let open: Vec<_> = [
            ("operator", None, None),
            ("integration", None, None),
            ("admin", None, None),
            ("app", Some("b"), None),
            ("passenger", None, Some("c")),
        ]
        .into_iter()
        .filter(|(role, brand, customer)| {
            operation.is_open_to(&Caller::from_parts("c", role, *brand, *customer).unwrap().role)
        })
        .map(|(role, ..)| role)
        .collect();
        assert_eq!(row[1], open.join(", "), "{}", operation.name());
    }
}

//! A small shell that runs the examples of the guides: variables, quotes, comments, continued lines, `curl`, `jq -r
//! .name` behind a pipe, and `local token`. Anything else in an example fails the test.

use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

use api_tests::{Answer, NOW, TestApp};
use serde_json::Value;
use shared::api::Caller;

/// The address of the API in the examples.
const API: &str = "http://127.0.0.1:3000";

/// A piece of a word.
#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Variable(String),
    /// A command in `$(…)`.
    Substitution(String),
}

type Word = Vec<Part>;

/// Splits a block into commands, each a list of words.
fn parse(block: &str) -> Vec<Vec<Word>> {
    let mut commands = Vec::new();
    let mut command: Vec<Word> = Vec::new();
    let mut word: Option<Word> = None;
    let mut chars = block.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next_if_eq(&'\n').is_some() => {}
            '\n' => {
                command.extend(word.take());
                if !command.is_empty() {
                    commands.push(std::mem::take(&mut command));
                }
            }
            ' ' => command.extend(word.take()),
            '#' if word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            '\'' => {
                let text = chars.by_ref().take_while(|c| *c != '\'').collect();
                word.get_or_insert_default().push(Part::Text(text));
            }
            '"' => {
                word.get_or_insert_default();
                loop {
                    match chars.next().expect("a closing quote") {
                        '"' => break,
                        '$' => word.get_or_insert_default().push(expansion(&mut chars)),
                        '\\' | '`' => panic!("not known between double quotes: {block}"),
                        c => word.get_or_insert_default().push(Part::Text(c.to_string())),
                    }
                }
            }
            '$' => word.get_or_insert_default().push(expansion(&mut chars)),
            // Some shells expand or interpret these characters if they are not quoted.
            '\\' | '`' | '*' | '?' | '&' | ';' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '~' | '!' | '|' => {
                panic!("{c} is not quoted: {block}")
            }
            c => word.get_or_insert_default().push(Part::Text(c.to_string())),
        }
    }
    command.extend(word);
    if !command.is_empty() {
        commands.push(command);
    }
    commands
}

/// Reads the text after a `$`.
fn expansion(chars: &mut Peekable<Chars<'_>>) -> Part {
    if chars.next_if_eq(&'(').is_some() {
        let inner: String = chars.by_ref().take_while(|c| *c != ')').collect();
        return Part::Substitution(inner);
    }
    let mut name = String::new();
    while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
        name.push(c);
    }
    assert!(!name.is_empty(), "a $ without a name: quote it");
    Part::Variable(name)
}

/// The request of a `curl` command.
#[derive(Debug, PartialEq)]
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    /// Reads the options as curl does.
    fn parse(words: &[String]) -> Self {
        let (mut method, mut url, mut headers, mut data, mut in_query) = (None, None, Vec::new(), Vec::new(), false);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("{word} without a value")).clone();
            match word.as_str() {
                "-i" | "-s" => {}
                "-G" => in_query = true,
                "-X" => method = Some(value()),
                "-H" => {
                    let header = value();
                    let (name, value) = header.split_once(": ").unwrap_or_else(|| panic!("a header: {header}"));
                    headers.push((name.to_owned(), value.to_owned()));
                }
                "-d" => data.push(value()),
                "--data-urlencode" => {
                    let pair = value();
                    let (name, value) = pair.split_once('=').unwrap_or_else(|| panic!("a name and a value: {pair}"));
                    data.push(format!("{name}={}", percent_encoded(value)));
                }
                option if option.starts_with('-') => panic!("curl's option {option} is not known here"),
                _ => assert!(url.replace(word.clone()).is_none(), "two addresses"),
            }
        }
        let url = url.expect("an address");
        let path = url.strip_prefix(API).unwrap_or_else(|| panic!("{url} is not of the API"));
        let (mut path, mut body) = (path.to_owned(), data.join("&"));
        let mut default = "GET";
        if in_query {
            path = format!("{path}?{}", std::mem::take(&mut body));
        } else if !data.is_empty() {
            default = "POST";
            if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
            }
        }
        Self { method: method.unwrap_or_else(|| default.to_owned()), path, headers, body }
    }
}

fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// A shell with variables. Its `curl` sends requests to `app`.
pub(crate) struct Shell {
    app: TestApp,
    variables: HashMap<String, String>,
}

impl Shell {
    pub(crate) async fn start() -> Self {
        Self { app: TestApp::start().await, variables: HashMap::new() }
    }

    /// Runs a block and returns the responses to its requests, in order.
    pub(crate) async fn run(&mut self, block: &str) -> Vec<Answer> {
        let mut answers = Vec::new();
        for command in parse(block) {
            let mut words = Vec::new();
            for word in &command {
                words.push(self.expand(word, &mut answers).await);
            }
            match words.as_slice() {
                [word] if word.contains('=') => {
                    let (name, value) = word.split_once('=').unwrap();
                    assert!(name.bytes().all(|byte| byte.is_ascii_uppercase()), "a variable's name: {name}");
                    self.variables.insert(name.to_owned(), value.to_owned());
                }
                [curl, options @ ..] if curl == "curl" => answers.push(self.curl(options).await),
                other => panic!("no command that is known here: {other:?}"),
            }
        }
        answers
    }

    async fn expand(&self, word: &Word, answers: &mut Vec<Answer>) -> String {
        let mut text = String::new();
        for part in word {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Variable(name) => {
                    text.push_str(self.variables.get(name).unwrap_or_else(|| panic!("${name} is not set")));
                }
                Part::Substitution(inner) => text.push_str(&self.substitute(inner, answers).await),
            }
        }
        text
    }

    /// The output of a command in `$(…)`: a value from a response, or a token.
    async fn substitute(&self, inner: &str, answers: &mut Vec<Answer>) -> String {
        let (command, filter) = match inner.split_once(" | ") {
            Some((command, filter)) => (command, Some(filter)),
            None => (inner, None),
        };
        let words = parse(command).into_iter().next().expect("a command");
        let words: Vec<_> = words.iter().map(|word| self.expand_plain(word)).collect();
        match words.as_slice() {
            [curl, options @ ..] if curl == "curl" => {
                assert!(!options.iter().any(|option| option == "-i"), "jq cannot read headers: {inner}");
                let name = filter.and_then(|filter| filter.strip_prefix("jq -r .")).expect("jq -r .name");
                let answer = self.curl(options).await;
                let value = name.split('.').fold(&answer.body, |value, name| match name.strip_suffix("[0]") {
                    Some(name) => &value[name][0],
                    None => &value[name],
                });
                let Value::String(text) = value else { panic!("{name} is no string: {answer:?}") };
                let text = text.clone();
                answers.push(answer);
                text
            }
            [cargo, run, q, p, local, dashes, token, options @ ..]
                if [cargo, run, q, p, local, dashes, token].map(String::as_str)
                    == ["cargo", "run", "-q", "-p", "local", "--", "token"] =>
            {
                assert_eq!(filter, None);
                self.token(options)
            }
            other => panic!("no command that is known here: {other:?}"),
        }
    }

    /// A word without a `$(…)`.
    fn expand_plain(&self, word: &Word) -> String {
        let text = |part: &Part| match part {
            Part::Text(plain) => plain.clone(),
            Part::Variable(name) => self.variables[name].clone(),
            Part::Substitution(inner) => panic!("$({inner}) within another"),
        };
        word.iter().map(text).collect()
    }

    /// A token like that of `local token`.
    fn token(&self, options: &[String]) -> String {
        let options: HashMap<_, _> = options
            .chunks(2)
            .map(|pair| (pair[0].as_str(), pair.get(1).unwrap_or_else(|| panic!("{pair:?} without a value")).as_str()))
            .collect();
        let known = ["--client", "--role", "--brand", "--customer"];
        assert!(options.keys().all(|option| known.contains(option)), "{options:?}");
        let option = |name| options.get(name).copied();
        let (client, role) = (option("--client").expect("a tenant"), option("--role").expect("a role"));
        let caller = Caller::from_parts(client, role, option("--brand"), option("--customer")).expect("a caller");
        self.app.issuer.token(&caller, NOW, NOW + 60).unwrap()
    }

    async fn curl(&self, options: &[String]) -> Answer {
        let request = Request::parse(options);
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.app.stranger().send(&request.method, &request.path, &headers, request.body.into_bytes()).await
    }
}

#[test]
fn words_are_split_as_in_a_shell() {
    let commands = parse("A='x y' # remark\ncurl -G \"$A/c\" \\\n  -d '{\"a\": 1}'\nB=$(curl \"$A\" | jq -r .id)\n");
    let shown: Vec<_> = commands.iter().map(|command| format!("{command:?}")).collect();
    assert_eq!(commands.iter().map(Vec::len).collect::<Vec<_>>(), [1, 5, 1], "{shown:?}");
    assert!(matches!(&commands[2][0][..], [.., Part::Substitution(inner)] if inner == "curl \"$A\" | jq -r .id"));
}

#[test]
#[should_panic(expected = "? is not quoted")]
fn a_question_mark_that_zsh_would_expand_is_refused() {
    parse("curl http://127.0.0.1:3000/a?b=c");
}

#[test]
fn requests_are_the_same_as_those_of_curl() {
    let words = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
    let form = ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    let request = |method: &str, path: &str, headers: Vec<(String, String)>, body: &str| Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body: body.to_owned(),
    };
    assert_eq!(
        Request::parse(&words("-G|http://127.0.0.1:3000/a|--data-urlencode|phone=+353 1")),
        request("GET", "/a?phone=%2B353%201", vec![], "")
    );
    assert_eq!(Request::parse(&words("http://127.0.0.1:3000/a|-d|{}")), request("POST", "/a", vec![form], "{}"));
    assert_eq!(Request::parse(&words("-X|DELETE|http://127.0.0.1:3000/a")), request("DELETE", "/a", vec![], ""));
}

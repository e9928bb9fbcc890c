//! Rules of the code base: which modules may depend on what, and which lists must agree.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use local::functions::{FUNCTIONS, REFERENCE, served};
use local::table::{TEMPLATE, TableDefinition};
use shared::api::Operation;
use shared::api::path::PathParameter;
use shared::store::keys;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The code, without comments, of the Rust file `folder`, or of every Rust file below it.
fn code_of(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            found.push((path, code));
        }
    }
    assert!(!found.is_empty(), "nothing in {folder}");
    found
}

/// Asserts that no code below `folder` contains one of `words`. A word that starts with a letter must be a whole word.
fn assert_never_names(folder: &str, words: &[&str]) {
    for (path, code) in code_of(folder) {
        for word in words {
            let named = code.match_indices(word).find(|(at, _)| {
                let before = code[..*at].chars().next_back();
                !word.starts_with(char::is_alphabetic) || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            });
            assert!(named.is_none(), "{} names {word}", path.display());
        }
    }
}

const HTTP: &[&str] = &["http::", "axum", "lambda_http", "tower", "utoipa", "crate::api"];
const AWS: &[&str] = &["aws_sdk_dynamodb", "aws_config", "aws_smithy", "serde_dynamo"];

#[test]
fn the_domain_does_not_depend_on_http_aws_storage_or_the_environment() {
    assert_never_names("shared/src/domain", HTTP);
    assert_never_names("shared/src/domain", AWS);
    let rest = ["crate::store", "crate::app", "crate::config", "crate::tenant_settings", "env::", "std::fs", "tokio"];
    assert_never_names("shared/src/domain", &rest);
}

#[test]
fn the_store_does_not_depend_on_http() {
    assert_never_names("shared/src/store", HTTP);
}

#[test]
fn the_api_does_not_depend_on_aws_or_keys() {
    assert_never_names("shared/src/api", AWS);
    assert_never_names("shared/src/api", &["keys::", "store::keys"]);
}

#[test]
fn functions_do_not_depend_on_aws_or_on_each_other() {
    let names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).chain([REFERENCE]).collect();
    for name in &names {
        let folder = format!("functions/{name}");
        assert_never_names(&format!("{folder}/src"), AWS);
        assert_never_names(&format!("{folder}/src"), &["keys::", "store::keys"]);
        let manifest = fs::read_to_string(root().join(&folder).join("Cargo.toml")).unwrap();
        for other in names.iter().filter(|other| *other != name) {
            assert!(!manifest.contains(&format!("{other}.workspace")), "{name} depends on {other}");
        }
    }
}

#[test]
fn the_reference_needs_no_table_and_no_configuration() {
    let words = ["shared::store", "shared::app", "shared::config", "shared::tenant_settings", "env::var", "std::fs"];
    assert_never_names("functions/reference/src", &words);
    let words = ["crate::store", "crate::app", "crate::config", "crate::tenant_settings", "env::"];
    assert_never_names("shared/src/api/pipeline.rs", &words);
}

#[test]
fn only_the_module_keys_contains_keys_and_index_names() {
    let literals = [
        "\"pk\"",
        "\"sk\"",
        "\"gsi1pk\"",
        "#CUSTOMER#",
        "#PHONE#",
        "\"PROFILE\"",
        "\"GUARD\"",
        "ADDRESS#",
        "#SETTINGS",
        "#LAST#",
        "#FIRST#",
        "#EMAIL#",
        "#ENDING#",
        "#ALL",
    ];
    for folder in ["shared/src", "functions", "local/src", "onboard/src"] {
        for (path, code) in code_of(folder) {
            if path.ends_with("store/keys.rs") {
                continue;
            }
            let code = code.split("#[cfg(test)]").next().unwrap_or_default();
            for literal in literals {
                assert!(!code.contains(literal), "{} writes {literal}", path.display());
            }
            assert!(!code.contains(".index_name(\""), "{} names an index", path.display());
        }
    }
}

/// Only the command `onboard` scans, to remove a tenant and to count customers.
#[test]
fn no_function_scans_the_table() {
    for folder in ["shared/src", "functions"] {
        assert_never_names(folder, &["scan(", "ScanRequest"]);
    }
}

#[test]
fn the_templates_table_has_the_keys_of_the_code() {
    let mut keys = format!("{}+{}, {}: {}", keys::PK, keys::SK, keys::PHONE_INDEX, keys::PHONE_INDEX_PK);
    for (number, index) in keys::SEARCH_INDEXES.iter().enumerate() {
        let before = TableDefinition::parse_with(TEMPLATE, &[("SearchIndexes", &number.to_string())]);
        assert_eq!(before.unwrap().keys(), keys, "SearchIndexes {number}");
        keys = format!("{keys}, {}: {}+{}", index.name, index.pk, index.sk);
    }
    assert_eq!(TableDefinition::from_template().unwrap().keys(), keys);
}

fn sorted(mut names: Vec<&'static str>) -> Vec<&'static str> {
    names.sort_unstable();
    names
}

#[test]
fn every_operation_has_one_handler() {
    let bound = served().into_iter().map(|(operation, _)| operation.name());
    assert_eq!(sorted(bound.collect()), sorted(Operation::ALL.iter().map(|operation| operation.name()).collect()));
}

#[test]
fn every_operation_that_needs_a_token_has_docs_in_the_function_of_its_handler() {
    let mut documented = Vec::new();
    for function in FUNCTIONS {
        let names: Vec<_> = (function.docs)().into_iter().map(|(operation, _)| operation.name()).collect();
        let operations = (function.operations)();
        let bound = operations.iter().filter(|operation| !operation.is_public()).map(|operation| operation.name());
        assert_eq!(sorted(names.clone()), sorted(bound.collect()), "{}", function.name);
        documented.extend(names);
    }
    assert_eq!(sorted(documented), sorted(Operation::authenticated().map(Operation::name).collect()));
}

#[test]
fn every_operation_has_its_own_name_and_route() {
    let names: BTreeSet<_> = Operation::ALL.iter().map(|operation| operation.name()).collect();
    let routes: BTreeSet<_> =
        Operation::ALL.iter().map(|operation| (operation.path(), operation.method().to_string())).collect();
    assert_eq!((names.len(), routes.len()), (Operation::ALL.len(), Operation::ALL.len()));
}

#[test]
fn every_path_parameter_is_known_and_only_a_tag_and_a_file_are_not_ids() {
    let parameters: BTreeSet<_> = Operation::ALL.iter().flat_map(|operation| operation.path_parameters()).collect();
    let others = parameters.into_iter().filter(|name| !PathParameter::named(name).is_id());
    assert_eq!(others.collect::<Vec<_>>(), ["file", "tagName"]);
}

/// `getDocsPage` as the name of a function, `get_docs_page`.
fn snake_case(name: &str) -> String {
    let snake = |c: char| if c.is_ascii_uppercase() { format!("_{}", c.to_ascii_lowercase()) } else { c.to_string() };
    name.chars().map(snake).collect()
}

#[test]
fn the_code_map_lists_every_operation_with_the_file_of_its_handler() {
    let map = fs::read_to_string(root().join("docs/code-map.md")).unwrap();
    let rows = map.lines().filter_map(|line| {
        // | operation | `METHOD /path` | [file](file) |
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let (method, path) = cells.get(2)?.strip_prefix('`')?.strip_suffix('`')?.split_once(' ')?;
        let file = cells.get(3)?.strip_prefix("[`")?.split('`').next()?;
        Some((method.to_owned(), path.to_owned(), cells[1].to_owned(), file.to_owned()))
    });
    let mut listed = BTreeSet::new();
    for (method, path, operation, file) in rows {
        let code = fs::read_to_string(root().join(&file)).unwrap_or_else(|_| panic!("the map names {file}"));
        let handler = format!("async fn {}(", snake_case(&operation));
        assert!(code.contains(&handler), "{operation} is not in {file}");
        let function = file.split('/').nth(1).unwrap().to_owned();
        listed.insert((method, path, operation, function));
    }
    let bound = served().into_iter().map(|(operation, function)| {
        let (method, path) = (operation.method().to_string(), operation.path().to_owned());
        (method, path, operation.name().to_owned(), function.to_owned())
    });
    assert_eq!(listed, bound.collect());
}

#[test]
fn every_field_of_a_body_is_in_the_list_of_writable_fields() {
    use shared::api::Role;
    use shared::api::fields::FieldRules;
    let schemas = &local::openapi::document()["components"]["schemas"];
    for (name, rules) in [
        ("CustomerCreate", FieldRules::customer_create(&Role::Admin)),
        ("CustomerUpdate", FieldRules::customer_update(&Role::Admin)),
        ("AddressSave", FieldRules::address(&Role::Admin)),
        ("SettingsPut", FieldRules::settings()),
    ] {
        let fields: BTreeSet<_> = fields_of(schemas, name).collect();
        let writable: BTreeSet<_> = rules.writable().map(str::to_owned).collect();
        assert_eq!(fields, writable, "{name}");
    }
}

/// The names of the properties of a schema.
fn fields_of(schemas: &serde_json::Value, name: &str) -> impl Iterator<Item = String> {
    let properties = schemas[name]["properties"].as_object().unwrap_or_else(|| panic!("no schema {name}"));
    properties.keys().cloned()
}

#[test]
fn a_passenger_sees_every_field_except_those_of_the_office() {
    use shared::api::Role;
    use shared::api::fields::{address_shown_to, customer_shown_to};
    use shared::domain::CustomerId;
    let passenger = Role::Passenger { customer: CustomerId::parse("c1").unwrap(), session: None };
    let schemas = &local::openapi::document()["components"]["schemas"];
    let never_customer = [
        "managementNote",
        "rating",
        "tags",
        "assignedPriority",
        "minPriority",
        "priorityReason",
        "block",
        "ownerSince",
        "createdBy",
        "updatedBy",
    ]
    .as_slice();
    for (name, shown, hidden) in [
        ("Customer", customer_shown_to(&passenger).unwrap(), never_customer),
        ("Address", address_shown_to(&passenger).unwrap(), &["managementNote"]),
    ] {
        // These are in a response only if the request includes them.
        let is_included = |field: &String| name == "Customer" && ["addresses", "phoneInfo"].contains(&field.as_str());
        let fields: BTreeSet<_> = fields_of(schemas, name).filter(|field| !is_included(field)).collect();
        let shown: BTreeSet<_> = shown.iter().map(|field| (*field).to_owned()).collect();
        let hidden: BTreeSet<_> = hidden.iter().map(|field| (*field).to_owned()).collect();
        assert_eq!(&fields - &shown, hidden, "{name}");
        assert_eq!(&shown - &fields, BTreeSet::new(), "{name} has no such field");
    }
}

#[test]
fn the_alarm_on_the_tables_errors_watches_every_call_of_the_store() {
    let template: serde_yaml::Value = serde_yaml::from_str(TEMPLATE).unwrap();
    let metrics = template["Resources"]["TableErrorsAlarm"]["Properties"]["Metrics"].as_sequence().unwrap().clone();
    let watched = metrics.iter().filter_map(|metric| metric["MetricStat"]["Metric"]["Dimensions"][1]["Value"].as_str());
    let mut called = BTreeSet::new();
    for (_, code) in code_of("shared/src/store") {
        let errors = code.split("StoreError::sdk(\"").skip(1);
        called.extend(errors.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    assert!(called.len() > 3, "{called:?}");
    assert_eq!(watched.map(str::to_owned).collect::<BTreeSet<_>>(), called);
}

/// Words and phrases that a reader with basic English does not know, or has to read twice, each with a plain one.
const HARD_WORDS: [(&str, &str); 22] = [
    ("aught", "anything"),
    ("forthwith", "at once"),
    ("hence", "so"),
    ("hereby", "by this"),
    ("herein", "here"),
    ("hither", "here"),
    ("lest", "so that … not"),
    ("mend", "fix"),
    ("naught", "nothing"),
    ("nobody", "no customer, no caller"),
    ("slip of the pen", "typo"),
    ("that are none", "that are invalid"),
    ("that is none", "that is invalid"),
    ("that is so", "that applies"),
    ("thence", "from there"),
    ("thereof", "of it"),
    ("what is none", "an invalid value"),
    ("what is so", "what is already correct"),
    ("whence", "from where"),
    ("whoever", "the caller, the user"),
    ("whom", "a new sentence"),
    ("whosoever", "everyone who"),
];

/// The files of the repository that people read and write, below `folder`.
fn written_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["target", ".git", ".local", ".aws-sam", "node_modules", "__pycache__"].contains(&name) {
                found.extend(written_files(&path));
            }
        } else if !["LICENSE", "architecture.rs"].contains(&name) && !name.ends_with("lock.json") {
            found.push(path);
        }
    }
    found
}

#[test]
fn texts_have_no_hard_words() {
    let mut hard = Vec::new();
    let files = written_files(&root());
    assert!(files.len() > 200, "{} files", files.len());
    for file in files {
        // Pictures are not text.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for (number, line) in text.lines().enumerate() {
            let words = line.to_lowercase().replace(|c: char| !c.is_alphanumeric(), " ");
            let words = format!(" {} ", words.split_whitespace().collect::<Vec<_>>().join(" "));
            for (word, plain) in HARD_WORDS.iter().filter(|(word, _)| words.contains(&format!(" {word} "))) {
                hard.push(format!("{}:{}: {word}; write {plain}", file.display(), number + 1));
            }
        }
    }
    assert!(hard.is_empty(), "{}", hard.join("\n"));
}

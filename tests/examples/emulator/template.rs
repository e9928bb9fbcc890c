//! The functions in the template: their names, routes and environment.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use serde_yaml::Value;
use shared::api::Operation;

/// A function of the template.
#[derive(Clone)]
pub(crate) struct Function {
    /// The logical id, which is also the name of its folder in the output of `sam build`.
    pub(crate) name: String,
    /// Its variables, including the global ones.
    pub(crate) environment: BTreeMap<String, String>,
    /// After how many seconds Lambda ends it.
    pub(crate) timeout: u64,
    /// Whether it is the authorizer of the API.
    pub(crate) is_authorizer: bool,
    /// Whether it is public: its routes have no authorizer.
    pub(crate) is_public: bool,
    /// The method and path of each of its routes.
    routes: Vec<(String, String)>,
}

impl Function {
    /// Whether the gateway would send it this event.
    pub(crate) fn answers(&self, event: &Json) -> bool {
        if event["type"] == "REQUEST" {
            return self.is_authorizer;
        }
        self.routes.iter().any(|(method, path)| event["httpMethod"] == *method && event["resource"] == *path)
    }

    /// Whether it has the route of this operation.
    pub(crate) fn serves(&self, operation: Operation) -> bool {
        self.routes.iter().any(|(method, path)| operation.method() == method.as_str() && operation.path() == path)
    }
}

/// The functions of a template. `given` has the values of parameters and resources; other parameters have their
/// defaults.
pub(crate) fn functions(text: &str, given: &BTreeMap<&str, String>) -> Result<Vec<Function>, String> {
    let template: Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let names = Names { template: &template, given };
    let authorizers: Vec<_> = entries(&template["Resources"])
        .flat_map(|(_, resource)| entries(&resource["Properties"]["Auth"]["Authorizers"]))
        .filter_map(|(_, authorizer)| tagged(&authorizer["FunctionArn"], "!Ref")?.strip_suffix(".Alias"))
        .collect();
    entries(&template["Resources"])
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function")
        .map(|(name, resource)| {
            let mut environment = BTreeMap::new();
            for declared in [&template["Globals"]["Function"], &resource["Properties"]] {
                for (variable, value) in entries(&declared["Environment"]["Variables"]) {
                    let value = names.resolve(value).map_err(|problem| format!("{name}, {variable}: {problem}"))?;
                    environment.insert(variable.to_owned(), value);
                }
            }
            let routes = entries(&resource["Properties"]["Events"])
                .filter(|(_, event)| event["Type"] == "Api")
                .filter_map(|(_, event)| {
                    let text = |name: &str| Some(event["Properties"][name].as_str()?.to_owned());
                    Some((text("Method")?, text("Path")?))
                })
                .collect();
            let timeouts = [&resource["Properties"], &template["Globals"]["Function"]];
            let timeout = timeouts.into_iter().find_map(|declared| declared["Timeout"].as_u64());
            let timeout = timeout.ok_or_else(|| format!("{name} has no Timeout"))?;
            let is_authorizer = authorizers.contains(&name);
            let mut events = entries(&resource["Properties"]["Events"]).peekable();
            let is_public = events.peek().is_some()
                && events.all(|(_, event)| event["Properties"]["Auth"]["Authorizer"].as_str() == Some("NONE"));
            Ok(Function { name: name.to_owned(), environment, timeout, is_authorizer, is_public, routes })
        })
        .collect()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_mapping().into_iter().flatten().filter_map(|(name, value)| Some((name.as_str()?, value)))
}

/// The value behind a YAML tag.
fn tagged<'a>(value: &'a Value, tag: &str) -> Option<&'a str> {
    match value {
        Value::Tagged(tagged) if tagged.tag == tag => tagged.value.as_str(),
        _ => None,
    }
}

/// The values that `!Ref`, `!GetAtt` and `!Sub` can use.
struct Names<'a> {
    template: &'a Value,
    given: &'a BTreeMap<&'a str, String>,
}

impl Names<'_> {
    fn resolve(&self, value: &Value) -> Result<String, String> {
        if let Some(name) = tagged(value, "!Ref").or_else(|| tagged(value, "!GetAtt")) {
            return self.named(name);
        }
        if let Some(text) = tagged(value, "!Sub") {
            let mut parts = text.split("${");
            let mut resolved = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let (name, rest) = part.split_once('}').ok_or_else(|| format!("{text} is not closed"))?;
                resolved += &self.named(name)?;
                resolved += rest;
            }
            return Ok(resolved);
        }
        if let Value::Tagged(choice) = value
            && choice.tag == "!If"
        {
            match choice.value[0].as_str() {
                Some("OwnsTable") => return self.resolve(&choice.value[1]),
                // `ServiceJwks` is empty by default.
                Some("AcceptsServiceTokens") => return self.resolve(&choice.value[2]),
                _ => {}
            }
        }
        scalar(value).ok_or_else(|| "neither text, nor !Ref, !GetAtt or !Sub: teach this example to read it".to_owned())
    }

    fn named(&self, name: &str) -> Result<String, String> {
        if let Some(value) = self.given.get(name) {
            return Ok(value.clone());
        }
        let default = scalar(&self.template["Parameters"][name]["Default"]);
        default.ok_or_else(|| format!("{name} has no default, and this example gives it no value"))
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        _ => None,
    }
}

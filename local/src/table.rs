//! The definition of the table, read from `template.yaml`, so that tests, `local` and deployments have the same table.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType, Projection, ProjectionType, ScalarAttributeType,
    TableDescription,
};
use serde::Deserialize;
use serde_yaml::Value;

/// The template that is deployed.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// The name of the table on one machine. A deployment generates its name.
pub const LOCAL_NAME: &str = "customers";

/// A table definition that is not usable.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("template.yaml has no usable table definition: {0}")]
    Template(#[from] serde_yaml::Error),
    #[error("template.yaml's table definition lacks {0}")]
    Incomplete(#[from] BuildError),
    #[error("the table could not be created: {0}")]
    NotCreated(String),
    #[error(
        "the data was written with other keys than template.yaml defines ({found} instead of {wanted}); \
         choose another file with --data, or delete this one"
    )]
    OtherKeys { found: String, wanted: String },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<KeyAttribute>,
    #[serde(default)]
    global_secondary_indexes: Vec<Index>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

impl Attribute {
    fn definition(&self) -> Result<AttributeDefinition, BuildError> {
        AttributeDefinition::builder()
            .attribute_name(&self.attribute_name)
            .attribute_type(ScalarAttributeType::from(self.attribute_type.as_str()))
            .build()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyAttribute {
    attribute_name: String,
    key_type: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    index_name: String,
    key_schema: Vec<KeyAttribute>,
    projection: IndexProjection,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexProjection {
    projection_type: String,
}

/// The definition of the customers table.
#[derive(Debug, Clone)]
pub struct TableDefinition(Properties);

impl TableDefinition {
    /// Reads the resource `CustomersTable` of the template.
    ///
    /// # Errors
    /// [`TableError::Template`].
    pub fn from_template() -> Result<Self, TableError> {
        Self::parse(TEMPLATE)
    }

    /// Reads the same resource of another template.
    ///
    /// # Errors
    /// [`TableError::Template`].
    pub fn parse(template: &str) -> Result<Self, TableError> {
        Self::parse_with(template, &[])
    }

    /// Reads it as a deployment with these `parameters` has it. The others have their defaults.
    ///
    /// # Errors
    /// [`TableError::Template`].
    pub fn parse_with(template: &str, parameters: &[(&str, &str)]) -> Result<Self, TableError> {
        let template: Value = serde_yaml::from_str(template)?;
        let choices = Choices { template: &template, parameters };
        let properties = choices.made(&template["Resources"]["CustomersTable"]["Properties"]);
        Ok(Self(serde_yaml::from_value(properties.unwrap_or_default())?))
    }

    /// Creates the table `name`. If it exists, checks that it has the same keys, of which it may lack the last indexes.
    /// Returns the number of indexes that it lacks.
    ///
    /// # Errors
    /// If DynamoDB fails, or [`TableError::OtherKeys`].
    pub async fn create(&self, dynamodb: &Client, name: &str) -> Result<usize, TableError> {
        let Properties { attribute_definitions, key_schema, global_secondary_indexes } = &self.0;
        let mut request = dynamodb
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(elements(key_schema)?));
        for attribute in attribute_definitions {
            request = request.attribute_definitions(attribute.definition()?);
        }
        for index in global_secondary_indexes {
            let projection = ProjectionType::from(index.projection.projection_type.as_str());
            request = request.global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(&index.index_name)
                    .set_key_schema(Some(elements(&index.key_schema)?))
                    .projection(Projection::builder().projection_type(projection).build())
                    .build()?,
            );
        }
        match request.send().await {
            Ok(_) => Ok(0),
            Err(error) if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => {
                self.compare(dynamodb, name).await
            }
            Err(error) => Err(TableError::NotCreated(DisplayErrorContext(error).to_string())),
        }
    }

    async fn compare(&self, dynamodb: &Client, name: &str) -> Result<usize, TableError> {
        let described = dynamodb.describe_table().table_name(name).send().await;
        let described = described.map_err(|error| TableError::NotCreated(DisplayErrorContext(error).to_string()))?;
        let found = described.table.map(|table| keys_of(&table)).unwrap_or_default();
        let wanted = self.keys();
        let is_beginning = wanted == found || wanted.starts_with(&format!("{found}, "));
        if found.is_empty() || !is_beginning {
            return Err(TableError::OtherKeys { found, wanted });
        }
        let indexes = |keys: &str| keys.split(", ").count();
        Ok(indexes(&wanted) - indexes(&found))
    }

    /// Adds the last `count` indexes of the definition to the table `name`, one after another, as DynamoDB wants it.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn add_last_indexes(&self, dynamodb: &Client, name: &str, count: usize) -> Result<(), TableError> {
        let Properties { attribute_definitions, global_secondary_indexes, .. } = &self.0;
        for index in &global_secondary_indexes[global_secondary_indexes.len() - count..] {
            let projection = ProjectionType::from(index.projection.projection_type.as_str());
            let create = CreateGlobalSecondaryIndexAction::builder()
                .index_name(&index.index_name)
                .set_key_schema(Some(elements(&index.key_schema)?))
                .projection(Projection::builder().projection_type(projection).build())
                .build()?;
            let is_key = |attribute: &&Attribute| {
                index.key_schema.iter().any(|key| key.attribute_name == attribute.attribute_name)
            };
            let keys = attribute_definitions.iter().filter(is_key).map(Attribute::definition);
            dynamodb
                .update_table()
                .table_name(name)
                .set_attribute_definitions(Some(keys.collect::<Result<_, _>>()?))
                .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(create).build())
                .send()
                .await
                .map_err(|error| TableError::NotCreated(DisplayErrorContext(error).to_string()))?;
        }
        Ok(())
    }

    /// The keys of the table and its indexes as one line of text.
    #[must_use]
    pub fn keys(&self) -> String {
        let names =
            |keys: &[KeyAttribute]| keys.iter().map(|key| key.attribute_name.clone()).collect::<Vec<_>>().join("+");
        let indexes = self.0.global_secondary_indexes.iter();
        let indexes = indexes.map(|index| format!("{}: {}", index.index_name, names(&index.key_schema)));
        std::iter::once(names(&self.0.key_schema)).chain(indexes).collect::<Vec<_>>().join(", ")
    }
}

/// The conditions of a template, for given parameters.
struct Choices<'a> {
    template: &'a Value,
    parameters: &'a [(&'a str, &'a str)],
}

impl Choices<'_> {
    /// `value` with the branch of each `!If` that applies. `None` for `AWS::NoValue`.
    fn made(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Tagged(tagged) if tagged.tag == "!If" => {
                let holds = self.holds(&self.template["Conditions"][&tagged.value[0]]);
                self.made(&tagged.value[if holds { 1 } else { 2 }])
            }
            Value::Tagged(tagged) if tagged.tag == "!Ref" && tagged.value == "AWS::NoValue" => None,
            Value::Sequence(entries) => Some(entries.iter().filter_map(|entry| self.made(entry)).collect()),
            Value::Mapping(fields) => {
                let made = fields.iter().filter_map(|(name, value)| Some((name.clone(), self.made(value)?)));
                Some(Value::Mapping(made.collect()))
            }
            other => Some(other.clone()),
        }
    }

    fn holds(&self, condition: &Value) -> bool {
        let Value::Tagged(tagged) = condition else { return false };
        let operands = || tagged.value.as_sequence().into_iter().flatten();
        match tagged.tag.to_string().as_str() {
            "!Condition" => self.holds(&self.template["Conditions"][&tagged.value]),
            "!Not" => !operands().any(|operand| self.holds(operand)),
            "!And" => operands().all(|operand| self.holds(operand)),
            "!Or" => operands().any(|operand| self.holds(operand)),
            "!Equals" => self.text(&tagged.value[0]) == self.text(&tagged.value[1]),
            _ => false,
        }
    }

    /// The text of a scalar or of a parameter. `CloudFormation` compares texts.
    fn text(&self, value: &Value) -> String {
        match value {
            Value::Tagged(reference) => {
                let given = self.parameters.iter().find(|(name, _)| reference.value == *name);
                let default = &self.template["Parameters"][&reference.value]["Default"];
                given.map_or_else(|| self.text(default), |(_, value)| (*value).to_owned())
            }
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        }
    }
}

fn elements(keys: &[KeyAttribute]) -> Result<Vec<KeySchemaElement>, BuildError> {
    keys.iter()
        .map(|key| {
            let key_type = KeyType::from(key.key_type.as_str());
            KeySchemaElement::builder().attribute_name(&key.attribute_name).key_type(key_type).build()
        })
        .collect()
}

fn keys_of(table: &TableDescription) -> String {
    let names = |keys: &[KeySchemaElement]| {
        keys.iter().map(|key| key.attribute_name().to_owned()).collect::<Vec<_>>().join("+")
    };
    let indexes = table.global_secondary_indexes().iter();
    let indexes =
        indexes.map(|index| format!("{}: {}", index.index_name().unwrap_or_default(), names(index.key_schema())));
    std::iter::once(names(table.key_schema())).chain(indexes).collect::<Vec<_>>().join(", ")
}

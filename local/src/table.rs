//! The definition of the table, read from `template.yaml`, so that tests, `local` and deployments have the same table.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TableDescription,
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
        let template: Value = serde_yaml::from_str(template)?;
        let properties = template["Resources"]["CustomersTable"]["Properties"].clone();
        Ok(Self(serde_yaml::from_value(properties)?))
    }

    /// Creates the table `name`. If it exists, checks that it has the same keys.
    ///
    /// # Errors
    /// If DynamoDB fails, or [`TableError::OtherKeys`].
    pub async fn create(&self, dynamodb: &Client, name: &str) -> Result<(), TableError> {
        let Properties { attribute_definitions, key_schema, global_secondary_indexes } = &self.0;
        let mut request = dynamodb
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(elements(key_schema)?));
        for attribute in attribute_definitions {
            request = request.attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name(&attribute.attribute_name)
                    .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()))
                    .build()?,
            );
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
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => {
                self.compare(dynamodb, name).await
            }
            Err(error) => Err(TableError::NotCreated(DisplayErrorContext(error).to_string())),
        }
    }

    async fn compare(&self, dynamodb: &Client, name: &str) -> Result<(), TableError> {
        let described = dynamodb.describe_table().table_name(name).send().await;
        let described = described.map_err(|error| TableError::NotCreated(DisplayErrorContext(error).to_string()))?;
        let found = described.table.map(|table| keys_of(&table)).unwrap_or_default();
        let wanted = self.keys();
        if found == wanted { Ok(()) } else { Err(TableError::OtherKeys { found, wanted }) }
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

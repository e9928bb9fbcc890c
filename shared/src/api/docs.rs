//! The texts of an operation in the API reference. The rest of its description follows from the table of operations and
//! the pipeline.
//!
//! Next to each handler is a function that returns its [`Docs`]. Only the generator of the reference and the tests call
//! these functions, so a deployed function does not contain them.

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::Code;

/// The description of one operation.
#[derive(Clone)]
pub struct Docs {
    /// The group in the reference.
    pub tag: &'static str,
    pub summary: &'static str,
    pub paragraphs: Vec<&'static str>,
    pub query: Vec<QueryParameter>,
    /// The name of the body's schema.
    pub body: Option<String>,
    /// The successful responses.
    pub responses: Vec<Success>,
    /// The problems of this operation alone. The generator adds those of every operation, of a body and of a condition.
    pub problems: &'static [Code],
    /// The schemas of the body and the responses, by name.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

/// A query parameter.
#[derive(Clone)]
pub struct QueryParameter {
    pub name: &'static str,
    pub about: &'static str,
    pub is_required: bool,
    pub schema: RefOr<Schema>,
    pub example: Value,
}

/// A successful response.
#[derive(Clone)]
pub struct Success {
    pub status: u16,
    pub about: &'static str,
    /// The name of the schema, unless the response is empty.
    pub schema: Option<String>,
}

impl Docs {
    /// The docs of an operation in the group `tag`.
    #[must_use]
    pub fn new(tag: &'static str, summary: &'static str) -> Self {
        Self {
            tag,
            summary,
            paragraphs: Vec::new(),
            query: Vec::new(),
            body: None,
            responses: Vec::new(),
            problems: &[],
            schemas: Vec::new(),
        }
    }

    /// Adds a paragraph to the description.
    #[must_use]
    pub fn text(mut self, paragraph: &'static str) -> Self {
        self.paragraphs.push(paragraph);
        self
    }

    /// Adds a query parameter. [`super::query::parameters_of`] names it too.
    #[must_use]
    pub fn query(mut self, parameter: QueryParameter) -> Self {
        self.query.push(parameter);
        self
    }

    /// Sets the JSON body.
    #[must_use]
    pub fn body<T: ToSchema>(mut self) -> Self {
        self.body = Some(self.add_schema::<T>());
        self
    }

    /// Adds a successful response with a JSON body.
    #[must_use]
    pub fn response<T: ToSchema>(mut self, status: u16, about: &'static str) -> Self {
        let schema = Some(self.add_schema::<T>());
        self.responses.push(Success { status, about, schema });
        self
    }

    /// Adds a successful response without a body.
    #[must_use]
    pub fn empty_response(mut self, status: u16, about: &'static str) -> Self {
        self.responses.push(Success { status, about, schema: None });
        self
    }

    /// Sets the problems of this operation alone.
    #[must_use]
    pub fn problems(self, problems: &'static [Code]) -> Self {
        Self { problems, ..self }
    }

    fn add_schema<T: ToSchema>(&mut self) -> String {
        let name = T::name().into_owned();
        self.schemas.push((name.clone(), T::schema()));
        T::schemas(&mut self.schemas);
        name
    }
}

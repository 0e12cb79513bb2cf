// SPDX-License-Identifier: Apache-2.0

//! The parameters of a request, and how a query's texts become JSON.

use crate::error::{ApiError, Result};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How a parameter is written in JSON.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Text,
    Number,
    Truth,
    /// A list or an object, which no query can hold.
    Nested,
}

/// The parameters of a request.
#[derive(Clone, Debug)]
pub(crate) struct Fields(BTreeMap<String, Kind>);

impl Fields {
    /// Those of a type, by its schema.
    pub fn of<Q: JsonSchema>() -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.inline_subschemas = true;
        let schema = Q::json_schema(&mut SchemaGenerator::new(settings));
        let properties = schema.get("properties").and_then(Value::as_object);
        let fields = properties.into_iter().flatten();
        Self(fields.map(|(name, schema)| (name.clone(), kind(schema))).collect())
    }

    /// Whether there is such a parameter.
    #[cfg(test)]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Puts a parameter of a path or a query into a request.
    ///
    /// Errors: [`Code::InvalidParams`](crate::Code::InvalidParams) if there is none of this name, if
    /// it was given before, or if its text is not of its kind.
    pub fn put(&self, params: &mut Map<String, Value>, name: &str, text: String) -> Result<()> {
        let wanted = |what: &str| {
            Err(ApiError::invalid_params(format!("`{name}` is {what}, not {text:.40?}")))
        };
        let value = match self.0.get(name) {
            None => {
                return Err(ApiError::invalid_params(format!(
                    "there is no parameter `{name:.40}`"
                )));
            }
            Some(Kind::Text) => Value::String(text),
            Some(Kind::Number) => match text.parse::<u64>() {
                Ok(number) => Value::from(number),
                Err(_) => return wanted("a number"),
            },
            Some(Kind::Truth) => match text.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => return wanted("true or false"),
            },
            Some(Kind::Nested) => return wanted("part of the body"),
        };
        if params.insert(name.to_owned(), value).is_some() {
            return Err(ApiError::invalid_params(format!("`{name}` was given twice")));
        }
        Ok(())
    }
}

/// The kind of value that a schema describes. What may be missing is of the kind that it has if it
/// is there.
fn kind(schema: &Value) -> Kind {
    let alternatives = ["anyOf", "oneOf", "allOf"];
    if let Some(options) = alternatives.iter().find_map(|name| schema.get(name)?.as_array()) {
        return options.iter().map(kind).find(|kind| *kind != Kind::Nested).unwrap_or(Kind::Nested);
    }
    if let Some(Value::String(_)) = schema.get("const") {
        return Kind::Text;
    }
    let of_type = |name: &str| match name {
        "string" => Some(Kind::Text),
        "integer" => Some(Kind::Number),
        "boolean" => Some(Kind::Truth),
        _ => None,
    };
    match schema.get("type") {
        Some(Value::String(name)) => of_type(name).unwrap_or(Kind::Nested),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find_map(of_type).unwrap_or(Kind::Nested)
        }
        _ => Kind::Nested,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{ChannelFilter, EventQuery, OpenChannel};

    #[test]
    fn kinds_come_from_the_types() {
        let filter = Fields::of::<ChannelFilter>();
        assert_eq!(filter.0["phase"], Kind::Text);
        assert_eq!(filter.0["peer"], Kind::Text);
        assert_eq!(filter.0["limit"], Kind::Number);
        assert_eq!(Fields::of::<EventQuery>().0["after"], Kind::Number);
        let open = Fields::of::<OpenChannel>();
        assert_eq!(open.0["public"], Kind::Truth);
        assert_eq!(open.0["addresses"], Kind::Nested);
    }

    #[test]
    fn a_query_is_strict() {
        let fields = Fields::of::<EventQuery>();
        let mut params = Map::new();
        fields.put(&mut params, "after", "7".to_owned()).unwrap();
        assert_eq!(params["after"], 7);
        for (name, text) in [("after", "8"), ("limit", "many"), ("limit", "-1"), ("afte", "1")] {
            assert!(fields.put(&mut params, name, text.to_owned()).is_err(), "{name}={text}");
        }
    }
}
